package dev.millrace.intake;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.contracts.HeaderNames;
import dev.millrace.contracts.Tier;
import dev.millrace.contracts.Topic;
import dev.millrace.contracts.Topics;
import dev.millrace.runtime.KafkaClients;
import dev.millrace.runtime.Resources;
import dev.millrace.runtime.Settings;
import dev.millrace.runtime.TopicAdmin;
import dev.millrace.standalone.SharedBroker;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The intake against a real broker: what the test driver cannot show is which partition a record
/// goes to, and that every input finds a task.
@Timeout(120)
class IntakeIT {

  @RegisterExtension static final SharedBroker BROKER = new SharedBroker();

  private static final int REQUESTS = 40;

  @Test
  void records_of_every_input_end_in_the_partition_where_the_ledger_looks_for_them()
      throws Exception {
    var topics = new Topics(BROKER.topicPrefix());
    var settings =
        Settings.load(
            IntakeConfig.def(),
            new Settings.Sources(
                Map.of(),
                Map.of(),
                Map.of(
                    "bootstrap.servers", BROKER.bootstrapServers(),
                    "topic.prefix", BROKER.topicPrefix())));
    var clients = new KafkaClients(settings);
    try (var admin = new TopicAdmin(clients, topics, settings, Clock.systemUTC())) {
      assertThat(admin.create()).isNotEmpty();
    }
    try (var producer = clients.producer("intake-it")) {
      for (int i = 0; i < REQUESTS; i++) {
        var request = "{\"type\":\"simulation\",\"params\":{\"campaignId\":\"c-%d\"}}".formatted(i);
        var tier = List.of(Tier.values()).get(i % 3);
        producer.send(record(topics.requests(tier), request)).get(30, SECONDS);
      }
      producer.send(record(topics.requests(Tier.PRO), "?")).get(30, SECONDS);
      producer
          .send(record(topics.commands(), "{\"command\":\"pause\",\"lane\":\"free\"}"))
          .get(30, SECONDS);
      producer.send(record(topics.commands(), "{\"command\":\"stop\"}")).get(30, SECONDS);
    }

    try (var intake =
        IntakeService.start(IntakeConfig.of(settings), settings, Resources.system())) {
      var admitted = new ArrayList<ConsumerRecord<byte[], byte[]>>();
      for (var tier : Tier.values()) {
        admitted.addAll(
            read(clients, topics.admitted(tier), REQUESTS / 3 + (tier == Tier.FREE ? 1 : 0)));
      }
      assertThat(admitted)
          .allSatisfy(record -> {
            var request = topics.admitted(Tier.FREE).serde().read(record.value());
            assertThat(record.partition()).isEqualTo(request.requestHash().partition(4));
          });
      assertThat(read(clients, topics.admittedCommands(), 4))
          .allSatisfy(
              copy -> assertThat(new String(copy.key(), UTF_8)).isEqualTo("" + copy.partition()))
          .extracting(ConsumerRecord::partition)
          .containsExactlyInAnyOrder(0, 1, 2, 3);
      assertThat(read(clients, topics.rejected(), 2))
          .extracting(record -> HeaderNames.text(record.headers(), HeaderNames.ERROR_CODE))
          .containsExactlyInAnyOrder("E_JSON", "E_COMMAND");
      assertThat(read(clients, topics.receipts(), 1))
          .extracting(record -> topics.receipts().serde().read(record.value()).ok())
          .containsExactly(false);
      assertThat(intake.ready()).isTrue();
      assertThat(intake.details()).containsKeys("state", "tasks", "types");
    }
  }

  private static ProducerRecord<byte[], byte[]> record(Topic<?> topic, String value) {
    return new ProducerRecord<>(topic.name(), value.getBytes(UTF_8));
  }

  private static List<ConsumerRecord<byte[], byte[]>> read(
      KafkaClients clients, Topic<?> topic, int count) {
    var records = new ArrayList<ConsumerRecord<byte[], byte[]>>();
    try (var consumer = clients.consumer(null, "intake-it", Map.of())) {
      var partitions =
          IntStream.range(0, topic.partitions(4))
              .mapToObj(partition -> new TopicPartition(topic.name(), partition))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(() -> {
            consumer.poll(Duration.ofMillis(200)).forEach(records::add);
            assertThat(records).hasSizeGreaterThanOrEqualTo(count);
          });
    }
    assertThat(records).as(topic.name()).hasSize(count);
    return records;
  }
}
