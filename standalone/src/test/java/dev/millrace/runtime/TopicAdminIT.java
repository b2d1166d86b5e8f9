package dev.millrace.runtime;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import dev.millrace.contracts.Setting;
import dev.millrace.contracts.Topic;
import dev.millrace.contracts.Topics;
import dev.millrace.runtime.TopicAdmin.Difference;
import dev.millrace.standalone.SharedBroker;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(120)
class TopicAdminIT {

  private static final Duration CHANGES_SHOW = Duration.ofSeconds(30);

  @RegisterExtension static final SharedBroker BROKER = new SharedBroker();

  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.parse("2026-11-20T09:31:22.498Z"));

  @Test
  void topics_are_made_once() {
    var topics = new Topics(BROKER.topicPrefix() + "once.");
    try (var admin = admin(topics, 4)) {
      assertThat(admin.verify())
          .hasSameSizeAs(topics.all())
          .allMatch(difference -> difference.what().equals("missing"));

      assertThat(admin.create())
          .containsExactlyInAnyOrderElementsOf(topics.all().stream().map(Topic::name).toList());
      var ids = admin.topicIds();
      assertThat(admin.create()).isEmpty();

      assertThat(admin.verify()).isEmpty();
      assertThat(admin.checkedPartitions()).isEqualTo(4);
      assertThat(ids).hasSameSizeAs(topics.all()).isEqualTo(admin.topicIds());
    }
  }

  @Test
  void what_differs_from_the_contract_is_named() throws Exception {
    var topics = new Topics(BROKER.topicPrefix() + "differs.");
    var progress = topics.progress().name();
    var decisions = topics.decisions().name();
    try (var admin = admin(topics, 2);
        var kafka = kafka()) {
      assertThat(admin.create()).isNotEmpty();
      kafka
          .incrementalAlterConfigs(
              Map.of(
                  new ConfigResource(ConfigResource.Type.TOPIC, progress),
                  List.of(
                      new AlterConfigOp(
                          new ConfigEntry("message.timestamp.type", "CreateTime"),
                          AlterConfigOp.OpType.SET))))
          .all()
          .get(30, SECONDS);
      kafka.createPartitions(Map.of(decisions, NewPartitions.increaseTo(3))).all().get(30, SECONDS);
      kafka.deleteTopics(List.of(topics.metrics().name())).all().get(30, SECONDS);

      // A change is acknowledged before the broker itself shows it.
      await()
          .atMost(CHANGES_SHOW)
          .untilAsserted(() ->
              assertThat(admin.verify())
                  .containsExactlyInAnyOrder(
                      new Difference(
                          progress, "message.timestamp.type", "LogAppendTime", "CreateTime"),
                      new Difference(decisions, "partitions", "2", "3"),
                      new Difference(topics.metrics().name(), "missing", "a topic", "none")));
    }
  }

  @Test
  void a_changed_partition_count_of_hashes_stops_the_service() throws Exception {
    var topics = new Topics(BROKER.topicPrefix() + "changed.");
    try (var admin = admin(topics, 2);
        var kafka = kafka()) {
      assertThat(admin.create()).isNotEmpty();
      kafka
          .createPartitions(Map.of(topics.decisions().name(), NewPartitions.increaseTo(3)))
          .all()
          .get(30, SECONDS);
      assertThat(admin.checkedPartitions()).isEqualTo(2);

      kafka
          .createPartitions(Map.of(topics.outcomes().name(), NewPartitions.increaseTo(3)))
          .all()
          .get(30, SECONDS);

      await()
          .atMost(CHANGES_SHOW)
          .untilAsserted(() ->
              assertThatIllegalStateException()
                  .isThrownBy(admin::checkedPartitions)
                  .withMessageContaining(topics.outcomes().name() + " has 3 partitions")
                  .withMessageContaining("made with 2"));
    }
  }

  @Test
  void a_cluster_without_our_topics_says_what_to_do() throws Exception {
    var topics = new Topics(BROKER.topicPrefix() + "without.");
    try (var admin = admin(topics, 2);
        var kafka = kafka()) {
      assertThatIllegalStateException()
          .isThrownBy(admin::checkedPartitions)
          .withMessageContaining("millrace topics create");

      assertThat(admin.create()).isNotEmpty();
      kafka.deleteTopics(List.of(topics.receipts().name())).all().get(30, SECONDS);

      await()
          .atMost(CHANGES_SHOW)
          .untilAsserted(() ->
              assertThatIllegalStateException()
                  .isThrownBy(admin::checkedPartitions)
                  .withMessageContaining(topics.receipts().name() + " is missing"));
    }
  }

  @Test
  void another_partition_count_in_the_settings_is_not_noted_over_the_first() {
    var topics = new Topics(BROKER.topicPrefix() + "noted.");
    try (var first = admin(topics, 2);
        var second = admin(topics, 4)) {
      assertThat(first.create()).isNotEmpty();
      assertThat(second.create()).isEmpty();
      assertThat(second.checkedPartitions()).isEqualTo(2);
    }
    try (var settings = SettingsTopic.open(clients(), topics)) {
      assertThat(settings.get(Setting.PARTITIONS))
          .contains(new Setting(Setting.PARTITIONS, null, 2L, null, CLOCK.instant()));
    }
  }

  /// KAFKA-15591: on a partition made a moment ago the first batches of a producer can overtake
  /// each other, and are then lost. A topic made alone has the least time to settle.
  @Test
  void the_first_records_on_fresh_topics_are_not_lost() throws Exception {
    var topics = new Topics(BROKER.topicPrefix() + "fresh.");
    var fresh = topics.decisions();
    try (var admin = admin(topics, 8);
        var kafka = kafka();
        var producer = clients().producer("fresh")) {
      assertThat(admin.create()).hasSameSizeAs(topics.all());
      for (var topic : topics.all()) {
        sendTo(topic, producer);
      }

      for (int round = 0; round < 8; round++) {
        kafka.deleteTopics(List.of(fresh.name())).all().get(30, SECONDS);
        await().until(() -> !kafka.listTopics().names().get(30, SECONDS).contains(fresh.name()));
        assertThat(admin.create()).containsExactly(fresh.name());
        sendTo(fresh, producer);
      }
    }
  }

  private static void sendTo(Topic<?> topic, Producer<byte[], byte[]> producer) throws Exception {
    var sent = new ArrayList<Future<RecordMetadata>>();
    for (int i = 0; i < 400; i++) {
      sent.add(producer.send(record(topic.name(), i % topic.partitions(8))));
    }
    for (var future : sent) {
      assertThat(future.get(60, SECONDS).hasOffset()).isTrue();
    }
  }

  private static ProducerRecord<byte[], byte[]> record(String topic, int partition) {
    return new ProducerRecord<>(topic, partition, new byte[] {'k'}, new byte[] {'v'});
  }

  private static TopicAdmin admin(Topics topics, int partitions) {
    return new TopicAdmin(
        clients(), topics, settings(Map.of("topic.partitions", "" + partitions)), CLOCK);
  }

  private static KafkaClients clients() {
    return new KafkaClients(settings(Map.of()));
  }

  private static Settings settings(Map<String, String> more) {
    var flags = new HashMap<>(more);
    flags.put("bootstrap.servers", BROKER.bootstrapServers());
    flags.put("producer.max.in.flight.requests.per.connection", "5");
    flags.put("producer.linger.ms", "0");
    flags.put("producer.request.timeout.ms", "5000");
    flags.put("producer.delivery.timeout.ms", "30000");
    return Settings.load(CommonConfig.def(), new Settings.Sources(Map.of(), Map.of(), flags));
  }

  private static Admin kafka() {
    return Admin.create(Map.of("bootstrap.servers", BROKER.bootstrapServers()));
  }
}
