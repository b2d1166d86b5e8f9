package dev.millrace.standalone;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.FinalizedVersionRange;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class EmbeddedKafkaIT {

  private static final String TOPIC = "millrace.jobs.free";

  @TempDir Path folder;

  @Test
  void records_are_there_after_a_stop_and_a_start() throws Exception {
    String address;
    try (var kafka = EmbeddedKafka.start(folder, 0)) {
      address = kafka.bootstrapServers();
      createTopic(kafka);
      send(kafka, List.of("one", "two", "three"));
    }

    try (var kafka = EmbeddedKafka.start(folder, 0)) {
      assertThat(kafka.bootstrapServers()).isEqualTo(address);
      assertThat(readAll(kafka.bootstrapServers(), TOPIC))
          .containsExactlyInAnyOrder("one", "two", "three");
    }
  }

  @Test
  void it_starts_again_where_its_ports_were_taken_meanwhile() throws Exception {
    try (var kafka = EmbeddedKafka.start(folder, 0)) {
      createTopic(kafka);
      send(kafka, List.of("one"));
    }
    List<Integer> before;
    try (var held = DataFolder.hold(folder)) {
      before =
          held.ports(
              List.of(
                  new DataFolder.PortWish("broker", 0), new DataFolder.PortWish("controller", 0)));
    }

    try (var _ = new ServerSocket(before.get(0), 1, InetAddress.getLoopbackAddress());
        var _ = new ServerSocket(before.get(1), 1, InetAddress.getLoopbackAddress());
        var kafka = EmbeddedKafka.start(folder, 0)) {
      assertThat(kafka.bootstrapServers()).isNotEqualTo("127.0.0.1:" + before.get(0));
      assertThat(readAll(kafka.bootstrapServers(), TOPIC)).containsExactly("one");
    }
  }

  @Test
  void it_is_ready_when_start_returns_and_speaks_the_new_group_protocols() throws Exception {
    try (var kafka = EmbeddedKafka.start(folder, 0);
        var admin = admin(kafka)) {
      assertThat(admin.describeCluster().nodes().get(5, SECONDS)).hasSize(1);

      assertThat(admin.describeFeatures().featureMetadata().get().finalizedFeatures())
          .containsEntry("share.version", level(1))
          .containsEntry("streams.version", level(1))
          .containsEntry("transaction.version", level(2));
    }
  }

  @Test
  void it_stops_within_two_seconds_and_again_without_effect() {
    var kafka = EmbeddedKafka.start(folder, 0);
    long begin = System.nanoTime();

    kafka.close();
    kafka.close();

    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(2));
  }

  @Test
  void a_folder_in_use_is_refused_by_name() {
    try (var _ = EmbeddedKafka.start(folder, 0)) {
      assertThatThrownBy(() -> EmbeddedKafka.start(folder, 0))
          .isInstanceOf(FolderInUseException.class)
          .hasMessageContaining(folder.getFileName().toString());
    }
  }

  @Test
  void a_share_group_takes_and_accepts_records_each_once() throws Exception {
    var values = IntStream.range(0, 50).mapToObj(Integer::toString).toList();
    try (var kafka = EmbeddedKafka.start(folder, 0)) {
      createTopic(kafka);
      readFromTheBeginning(kafka, "millrace-workers-free");
      send(kafka, values);

      var taken = new ConcurrentLinkedQueue<ConsumerRecord<String, String>>();
      var enough = new AtomicBoolean();
      var workers =
          IntStream.range(0, 2)
              .mapToObj(_ -> worker(kafka, "millrace-workers-free", taken, enough));
      var threads = workers.map(it -> Thread.ofPlatform().start(it)).toList();
      await().atMost(Duration.ofSeconds(30)).until(() -> taken.size() >= values.size());
      enough.set(true);
      for (var thread : threads) {
        thread.join();
      }

      assertThat(taken)
          .extracting(ConsumerRecord::value)
          .containsExactlyInAnyOrderElementsOf(values);
      assertThat(taken).allMatch(record -> record.deliveryCount().orElseThrow() == 1);
    }
  }

  private static FinalizedVersionRange level(int level) {
    return new FinalizedVersionRange((short) level, (short) level);
  }

  private static Runnable worker(
      EmbeddedKafka kafka,
      String group,
      ConcurrentLinkedQueue<ConsumerRecord<String, String>> taken,
      AtomicBoolean enough) {
    return () -> {
      Map<String, Object> config =
          Map.of(
              "bootstrap.servers",
              kafka.bootstrapServers(),
              "group.id",
              group,
              "share.acknowledgement.mode",
              "explicit",
              "share.acquire.mode",
              "record_limit",
              "max.poll.records",
              1);
      var text = new StringDeserializer();
      try (var consumer = new KafkaShareConsumer<>(config, text, text)) {
        consumer.subscribe(List.of(TOPIC));
        while (!enough.get()) {
          for (var record : consumer.poll(Duration.ofMillis(100))) {
            consumer.acknowledge(record, AcknowledgeType.ACCEPT);
            consumer
                .commitSync()
                .forEach((_, failure) -> {
                  if (failure.isPresent()) {
                    throw new IllegalStateException(failure.get());
                  }
                });
            taken.add(record);
          }
        }
      }
    };
  }

  /// Also shows that a group may set the delivery limit that workers need.
  private static void readFromTheBeginning(EmbeddedKafka kafka, String group) throws Exception {
    try (var admin = admin(kafka)) {
      var settings =
          List.of(
              set("share.auto.offset.reset", "earliest"),
              set("share.delivery.count.limit", "10"),
              set("share.record.lock.duration.ms", "2000"));
      admin
          .incrementalAlterConfigs(
              Map.of(new ConfigResource(ConfigResource.Type.GROUP, group), settings))
          .all()
          .get(10, SECONDS);
    }
  }

  private static AlterConfigOp set(String key, String value) {
    return new AlterConfigOp(new ConfigEntry(key, value), AlterConfigOp.OpType.SET);
  }

  private static Admin admin(EmbeddedKafka kafka) {
    return Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
  }

  private static void createTopic(EmbeddedKafka kafka) throws Exception {
    try (var admin = admin(kafka)) {
      admin.createTopics(List.of(new NewTopic(TOPIC, 4, (short) 1))).all().get(10, SECONDS);
    }
  }

  private static void send(EmbeddedKafka kafka, List<String> values) throws Exception {
    var text = new StringSerializer();
    var config = SharedBroker.producerConfig(kafka.bootstrapServers());
    try (var producer = new KafkaProducer<>(config, text, text)) {
      for (var value : values) {
        producer.send(new ProducerRecord<>(TOPIC, value, value)).get(30, SECONDS);
      }
    }
  }

  /// What all partitions of a topic hold now.
  static List<String> readAll(String bootstrapServers, String topic) {
    var values = new ArrayList<String>();
    try (var consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", bootstrapServers),
            new StringDeserializer(),
            (_, bytes) -> new String(bytes, UTF_8))) {
      var partitions =
          consumer.partitionsFor(topic).stream()
              .map(it -> new TopicPartition(topic, it.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      var ends = consumer.endOffsets(partitions).entrySet();
      while (ends.stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        consumer.poll(Duration.ofMillis(100)).forEach(record -> values.add(record.value()));
      }
    }
    return values;
  }
}
