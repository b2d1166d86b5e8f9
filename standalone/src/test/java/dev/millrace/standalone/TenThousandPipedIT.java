package dev.millrace.standalone;

import static dev.millrace.standalone.Caller.PATIENCE;
import static dev.millrace.standalone.Caller.simulation;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.contracts.Completion;
import dev.millrace.contracts.Decision;
import dev.millrace.contracts.DecisionKind;
import dev.millrace.contracts.Origin;
import dev.millrace.contracts.Source;
import dev.millrace.contracts.Status;
import dev.millrace.contracts.Tier;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A file of requests poured in by a producer that knows nothing of Millrace: no keys, no ids, big
/// batches.
@Timeout(value = 4, unit = TimeUnit.MINUTES)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class TenThousandPipedIT {

  private static final int REQUESTS = 10_000;
  private static final int QUESTIONS = 200;

  @TempDir static Path folder;

  private static Standalone standalone;
  private static Caller caller;

  @BeforeAll
  static void start() throws InterruptedException {
    standalone = Installation.start(folder, Map.of());
    caller = Caller.of(standalone);
  }

  @AfterAll
  static void stop() {
    caller.close();
    standalone.close();
  }

  @Test
  @Order(1)
  void each_of_ten_thousand_requests_ends_once_and_each_question_runs_once() throws Exception {
    long start = System.nanoTime();
    var sent = new ArrayList<Future<RecordMetadata>>();
    var text = new StringSerializer();
    try (var producer = new KafkaProducer<>(producerConfig(), text, text)) {
      for (int i = 0; i < REQUESTS; i++) {
        var topic = caller.topics().requests(List.of(Tier.values()).get(i % 3)).name();
        sent.add(producer.send(new ProducerRecord<>(topic, question(i % QUESTIONS))));
      }
    }
    var places = new ArrayList<String>();
    for (var record : sent) {
      places.add(place(record.get()));
    }

    await().atMost(Duration.ofMinutes(3)).until(() -> completions().size() >= REQUESTS);
    System.err.println(
        REQUESTS + " requests ended in " + (System.nanoTime() - start) / 1_000_000 + " ms");

    var ends = completions();
    assertThat(ends.stream().map(TenThousandPipedIT::place).sorted().toList())
        .isEqualTo(places.stream().sorted().toList());
    assertThat(ends).allMatch(end -> end.status() == Status.COMPLETED && !end.repeat());
    assertThat(ends).filteredOn(end -> end.source() == Source.COMPUTED).hasSize(QUESTIONS);
    assertThat(ends.stream().map(Completion::requestHash).distinct()).hasSize(QUESTIONS);
    assertThat(caller.decisions(DecisionKind.SUCCEEDED))
        .extracting(Decision::requestHash)
        .hasSize(QUESTIONS)
        .doesNotHaveDuplicates();
    assertThat(caller.recording().records(caller.topics().rejected())).isEmpty();
  }

  @Test
  @Order(2)
  void a_ledger_that_nobody_asks_commits_nothing() {
    caller.send(Tier.PRO, simulation("the-last", "cmp_the_last"));
    assertThat(caller.end("the-last").status()).isEqualTo(Status.COMPLETED);

    try (var admin = Admin.create(producerConfig())) {
      var seen = new AtomicReference<Map<TopicPartition, Long>>();
      await()
          .atMost(PATIENCE)
          .during(Duration.ofSeconds(2))
          .until(() -> {
            var now = transactions(admin);
            return now.equals(seen.getAndSet(now));
          });
    }
  }

  /// How much Kafka has written down about transactions.
  private static Map<TopicPartition, Long> transactions(Admin admin) throws Exception {
    var log = "__transaction_state";
    var ends =
        admin.describeTopics(List.of(log)).allTopicNames().get().get(log).partitions().stream()
            .collect(
                toMap(
                    partition -> new TopicPartition(log, partition.partition()),
                    _ -> OffsetSpec.latest()));
    return admin.listOffsets(ends).all().get().entrySet().stream()
        .collect(toMap(Map.Entry::getKey, end -> end.getValue().offset()));
  }

  private static List<Completion> completions() {
    return caller.recording().values(caller.topics().completions());
  }

  /// Where a request stood.
  private static String place(RecordMetadata at) {
    return at.topic() + "-" + at.partition() + "-" + at.offset();
  }

  /// Where the request of a completion stood: without an id of its own it is called after that.
  private static String place(Completion end) {
    var origin = Origin.parse(end.requestId());
    var topic = caller.topics().requests(end.tier()).name();
    return topic + "-" + origin.partition() + "-" + origin.offset();
  }

  private static String question(int number) {
    var request = simulation("", "cmp_" + number);
    var _ = request.remove("requestId");
    return request.toString();
  }

  private static Map<String, Object> producerConfig() {
    return Map.of(
        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
        standalone.bootstrapServers(),
        ProducerConfig.LINGER_MS_CONFIG,
        50,
        ProducerConfig.BATCH_SIZE_CONFIG,
        256 * 1024);
  }
}
