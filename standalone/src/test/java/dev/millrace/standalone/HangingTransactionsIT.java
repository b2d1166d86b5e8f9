package dev.millrace.standalone;

import static dev.millrace.standalone.Caller.PATIENCE;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.millrace.contracts.Topics;
import dev.millrace.runtime.CommonConfig;
import dev.millrace.runtime.HangingTransactions;
import dev.millrace.runtime.KafkaClients;
import dev.millrace.runtime.Resources;
import dev.millrace.runtime.Service;
import dev.millrace.runtime.Settings;
import dev.millrace.runtime.TopicAdmin;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.errors.StreamsException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A broker that has a transaction open of which the coordinator knows nothing.
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class HangingTransactionsIT {

  private static final Topics TOPICS = new Topics(Topics.DEFAULT_PREFIX);
  private static final Resources RESOURCES = Resources.system();

  @TempDir static Path folder;

  private static EmbeddedKafka kafka;
  private static KafkaClients clients;

  @BeforeAll
  static void start() {
    kafka = EmbeddedKafka.start(folder.resolve("kafka"), 0, LeftOpen.BROKER);
    var settings = settings("first");
    clients = new KafkaClients(settings);
    try (var admin = new TopicAdmin(clients, TOPICS, settings, RESOURCES.clock())) {
      assertThat(admin.create()).isNotEmpty();
    }
  }

  @AfterAll
  static void stop() {
    kafka.close();
  }

  @Test
  void readers_go_on_when_it_is_ended_whether_its_producer_came_back_or_not() throws Exception {
    var left = new TopicPartition(TOPICS.decisions().name(), 0);
    var cameBack = new TopicPartition(TOPICS.decisions().name(), 1);
    LeftOpen.on(left, kafka.bootstrapServers(), "left");
    LeftOpen.on(cameBack, kafka.bootstrapServers(), "came-back");
    try (var producer = producer("came-back")) {
      producer.initTransactions();
      for (var partition : List.of(left, cameBack)) {
        commit(producer, new TopicPartition(left.topic(), 2));
        plain(partition);
        assertThat(readable(partition)).isLessThan(written(partition));
      }
    }

    try (var transactions = transactions(RESOURCES.clock())) {
      var hanging = transactions.find();
      assertThat(hanging)
          .extracting(HangingTransactions.Hanging::partition)
          .containsExactlyInAnyOrder(left, cameBack);
      for (var one : hanging) {
        transactions.end(one.transactionalId().orElseThrow(), List.of(one));
      }

      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> {
            assertThat(readable(left)).isEqualTo(written(left));
            assertThat(readable(cameBack)).isEqualTo(written(cameBack));
            assertThat(transactions.find()).isEmpty();
          });
    }
  }

  @Test
  void what_one_producer_left_is_ended_together_and_what_is_over_fences_nobody() throws Exception {
    var first = new TopicPartition(TOPICS.decisions().name(), 0);
    var second = new TopicPartition(TOPICS.decisions().name(), 1);
    LeftOpen.on(first, kafka.bootstrapServers(), "several");
    LeftOpen.on(second, kafka.bootstrapServers(), "several");

    try (var transactions = transactions(RESOURCES.clock());
        var producer = producer("several")) {
      var hanging = transactions.find();
      assertThat(hanging)
          .extracting(HangingTransactions.Hanging::partition)
          .containsExactlyInAnyOrder(first, second);
      transactions.end("several", hanging);
      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> {
            assertThat(readable(first)).isEqualTo(written(first));
            assertThat(readable(second)).isEqualTo(written(second));
          });

      producer.initTransactions();
      transactions.end("several", hanging);

      commit(producer, first);
    }
  }

  @Test
  void nobody_looks_on_for_a_ledger_that_cannot_start() throws Exception {
    Files.writeString(folder.resolve("no-folder"), "");

    assertThatThrownBy(() -> Part.CACHE_STORE.start(settings("no-folder"), RESOURCES))
        .isInstanceOf(StreamsException.class);

    await()
        .atMost(PATIENCE)
        .until(() ->
            Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().startsWith("transaction-watch")));
  }

  @Test
  void a_transaction_that_goes_on_is_never_taken_for_one() throws Exception {
    var partition = new TopicPartition(TOPICS.control().name(), 0);
    var stop = new AtomicBoolean();
    try (var open = producer("open");
        var busy = producer("busy");
        var transactions = transactions(RESOURCES.clock())) {
      open.initTransactions();
      open.beginTransaction();
      open.send(record(partition)).get(30, SECONDS);
      busy.initTransactions();
      var commits =
          Thread.ofPlatform()
              .start(() -> {
                while (!stop.get()) {
                  commit(busy, new TopicPartition(partition.topic(), 1));
                }
              });

      for (int look = 0; look < 50; look++) {
        assertThat(transactions.find())
            .noneMatch(it -> it.partition().topic().equals(partition.topic()));
      }

      stop.set(true);
      commits.join();
      open.commitTransaction();
    }
  }

  @Test
  void one_whose_producer_nobody_knows_is_named_when_no_transaction_could_be_so_old()
      throws Exception {
    var partition = new TopicPartition(TOPICS.progress().name(), 0);
    LeftOpen.byNobody(partition, kafka.bootstrapServers(), 777_777);
    InstantSource later = () -> RESOURCES.clock().instant().plus(Duration.ofMinutes(16));

    try (var now = transactions(RESOURCES.clock());
        var then = transactions(later)) {
      assertThat(now.find()).noneMatch(it -> it.partition().equals(partition));
      assertThat(then.find())
          .filteredOn(it -> it.partition().equals(partition))
          .singleElement()
          .satisfies(it -> {
            assertThat(it.transactionalId()).isEmpty();
            assertThat(it.command()).contains("--topic " + partition.topic(), "--partition 0");
          });
    }
  }

  @Test
  void a_ledger_restores_its_stores_and_readers_go_on_behind_what_was_left_while_it_lives()
      throws Exception {
    try (var ledger = ledger("first")) {
      assertThat(ledger.ready()).isTrue();
    }
    var changelog = new TopicPartition("millrace-cache-store-ledger-changelog", 0);
    LeftOpen.on(changelog, kafka.bootstrapServers(), "millrace-cache-store-gone-1");

    try (var ledger = ledger("second")) {
      assertThat(ledger.ready()).isTrue();
      assertThat(readable(changelog)).isEqualTo(written(changelog));

      var completions = new TopicPartition(TOPICS.completions().name(), 0);
      LeftOpen.on(completions, kafka.bootstrapServers(), "millrace-cache-store-gone-2");
      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> assertThat(readable(completions)).isEqualTo(written(completions)));
    }
  }

  private static Service ledger(String state) {
    var ledger = Part.CACHE_STORE.start(settings(state), RESOURCES);
    await().atMost(PATIENCE).until(ledger::ready);
    return ledger;
  }

  private static Settings settings(String state) {
    var flags =
        Map.of(
            CommonConfig.BOOTSTRAP_SERVERS,
            kafka.bootstrapServers(),
            "state.dir",
            folder.resolve(state).toString(),
            // said of all producers, and not to stand in the way of the one that ends transactions
            "producer.linger.ms",
            "5");
    return Settings.load(Part.allSettings(), new Settings.Sources(Map.of(), Map.of(), flags));
  }

  private static HangingTransactions transactions(InstantSource clock) {
    return new HangingTransactions(clients, TOPICS, clock);
  }

  private static KafkaProducer<String, String> producer(String transactionalId) {
    var config = new HashMap<>(SharedBroker.producerConfig(kafka.bootstrapServers()));
    if (!transactionalId.isEmpty()) {
      config.put("transactional.id", transactionalId);
    }
    return new KafkaProducer<>(config, new StringSerializer(), new StringSerializer());
  }

  private static void commit(KafkaProducer<String, String> producer, TopicPartition partition) {
    producer.beginTransaction();
    var _ = producer.send(record(partition));
    producer.commitTransaction();
  }

  private static void plain(TopicPartition partition) throws Exception {
    try (var producer = producer("")) {
      producer.send(record(partition)).get(30, SECONDS);
    }
  }

  private static ProducerRecord<String, String> record(TopicPartition partition) {
    return new ProducerRecord<>(partition.topic(), partition.partition(), "key", "{}");
  }

  private static long readable(TopicPartition partition) throws Exception {
    return end(partition, IsolationLevel.READ_COMMITTED);
  }

  private static long written(TopicPartition partition) throws Exception {
    return end(partition, IsolationLevel.READ_UNCOMMITTED);
  }

  private static long end(TopicPartition partition, IsolationLevel level) throws Exception {
    try (var admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      return admin
          .listOffsets(Map.of(partition, OffsetSpec.latest()), new ListOffsetsOptions(level))
          .partitionResult(partition)
          .get(30, SECONDS)
          .offset();
    }
  }
}
