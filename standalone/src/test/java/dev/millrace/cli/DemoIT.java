package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.contracts.Json;
import dev.millrace.standalone.EmbeddedKafka;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/// The whole way through, once: the demo runs with everything embedded, and what it says is counted
/// again from the topics it leaves, by plain JSON and none of the demo's own code.
@TestInstance(Lifecycle.PER_CLASS)
class DemoIT {

  private CommandLineRun run = new CommandLineRun(-1, "", "");
  private CommandLineRun trace = new CommandLineRun(-1, "", "");
  private JsonNode told = Json.MAPPER.createObjectNode();
  private final Map<String, List<ConsumerRecord<byte[], byte[]>>> records = new HashMap<>();

  @BeforeAll
  void play_the_demo_and_read_what_it_left(@TempDir Path folder) throws IOException {
    run = CommandLineRun.of("demo", "--exit", "--json", "--data-dir", folder.toString());
    assertThat(run.exitCode()).as(run.err()).isZero();
    told = Json.MAPPER.readTree(run.lines().getLast());
    try (var kafka = EmbeddedKafka.start(folder.resolve("kafka"), 0)) {
      readAll(kafka.bootstrapServers());
      trace = CommandLineRun.of("cache", "trace", "-b", kafka.bootstrapServers());
    }
  }

  @Test
  void stdout_holds_one_line_of_json_with_the_promised_fields() {
    assertThat(run.lines()).hasSize(1);
    assertThat(told.propertyStream().map(Map.Entry::getKey))
        .containsExactly(
            "requests",
            "completed",
            "computed",
            "joined",
            "cached",
            "failed",
            "cancelled",
            "expired",
            "rejected",
            "distinct",
            "runs",
            "computeMs",
            "savedMs",
            "elapsedMs");
  }

  @Test
  void the_equations_hold() {
    assertThat(number("requests"))
        .isEqualTo(
            number("completed")
                + number("failed")
                + number("cancelled")
                + number("expired")
                + number("rejected"));
    assertThat(number("completed"))
        .isEqualTo(number("computed") + number("joined") + number("cached"));
    assertThat(number("runs")).isEqualTo(number("distinct")).isEqualTo(number("computed"));
  }

  @Test
  void a_trace_of_it_tells_what_a_cache_of_any_size_would_have_saved() throws IOException {
    assertThat(trace.exitCode()).as(trace.err()).isZero();
    assertThat(trace.lines()).hasSize(Math.toIntExact(number("completed")));
    for (var line : trace.lines()) {
      var asked = Json.MAPPER.readTree(line);
      assertThat(asked.path("size").asLong()).as(line).isPositive();
      assertThat(asked.path("key").asText()).matches("[0-9a-f]{64}");
    }

    var replay =
        CommandLineRun.withInput(trace.out(), "cache", "simulate", "--trace", "-", "--json");

    assertThat(replay.exitCode()).as(replay.err()).isZero();
    assertThat(replay.out()).contains("\"hitRate\"");
  }

  @Test
  void there_was_enough_of_everything() {
    assertThat(number("requests")).isGreaterThanOrEqualTo(60);
    assertThat(number("distinct")).isGreaterThanOrEqualTo(12);
    assertThat(number("joined")).isPositive();
    assertThat(number("cached")).isPositive();
    assertThat(number("failed")).isEqualTo(1);
    assertThat(number("cancelled")).isEqualTo(1);
    assertThat(number("rejected")).isEqualTo(1);
    assertThat(number("savedMs")).isPositive();
  }

  @Test
  void a_recount_from_the_topics_gives_the_same_numbers() {
    long requests =
        Stream.of("free", "pro", "enterprise")
            .mapToLong(tier -> of("requests." + tier).size())
            .sum();
    Map<String, JsonNode> ends = new HashMap<>();
    for (var completion : json("completions")) {
      if (!completion.path("repeat").asBoolean()) {
        ends.put(
            completion.path("organizationId").asText("-")
                + "/"
                + completion.path("requestId").asText(),
            completion);
      }
    }
    Set<String> hashes = new HashSet<>();
    long computeMs = 0;
    long savedMs = 0;
    for (var end : ends.values()) {
      if (end.path("status").asText().equals("completed")) {
        hashes.add(end.path("requestHash").asText());
        savedMs += end.path("savedMs").asLong();
        computeMs +=
            end.path("source").asText().equals("computed") ? end.path("runMs").asLong() : 0;
      }
    }

    assertThat(requests).isEqualTo(number("requests"));
    assertThat(count(ends, "status", "completed")).isEqualTo(number("completed"));
    assertThat(count(ends, "source", "computed")).isEqualTo(number("computed"));
    assertThat(count(ends, "source", "joined")).isEqualTo(number("joined"));
    assertThat(count(ends, "source", "cached")).isEqualTo(number("cached"));
    assertThat(count(ends, "status", "failed")).isEqualTo(number("failed"));
    assertThat(count(ends, "status", "cancelled")).isEqualTo(number("cancelled"));
    assertThat(hashes).hasSize((int) number("distinct"));
    assertThat(computeMs).isEqualTo(number("computeMs"));
    assertThat(savedMs).isEqualTo(number("savedMs"));
    assertThat(rejectedOrigins()).hasSize((int) number("rejected"));
  }

  @Test
  void each_answered_question_was_computed_once() {
    Map<String, Long> successes = new HashMap<>();
    for (var decision : json("decisions")) {
      if (decision.path("decision").asText().equals("SUCCEEDED")) {
        successes.merge(decision.path("requestHash").asText(), 1L, Long::sum);
      }
    }

    assertThat(successes.values()).allMatch(times -> times == 1);
    assertThat((long) successes.size()).isEqualTo(number("runs"));
  }

  @Test
  void every_request_that_was_not_rejected_has_exactly_one_completion() {
    Map<String, Integer> ends = new HashMap<>();
    json("completions").forEach(end -> ends.merge(end.path("requestId").asText(), 1, Integer::sum));
    var rejected = rejectedOrigins();

    for (var tier : List.of("free", "pro", "enterprise")) {
      for (var record : of("requests." + tier)) {
        if (!rejected.contains(record.topic() + "/" + record.partition() + "/" + record.offset())) {
          assertThat(ends).containsEntry(read(record).path("requestId").asText(), 1);
        }
      }
    }
    assertThat(ends.values()).hasSize((int) (number("requests") - number("rejected")));
  }

  @Test
  void all_who_asked_the_same_got_the_same() {
    Map<String, Set<String>> answers = new HashMap<>();
    for (var end : json("completions")) {
      if (end.path("status").asText().equals("completed")) {
        answers
            .computeIfAbsent(end.path("requestHash").asText(), _ -> new TreeSet<>())
            .add(end.path("result") + "|" + end.path("resultRef"));
      }
    }

    assertThat(answers.values()).allMatch(distinct -> distinct.size() == 1);
  }

  @Test
  void the_failing_job_was_tried_three_times_and_is_a_dead_letter() {
    var failed =
        json("completions").stream()
            .filter(end -> end.path("status").asText().equals("failed"))
            .toList();

    assertThat(failed)
        .singleElement()
        .satisfies(end -> {
          assertThat(end.path("attempts").asInt()).isEqualTo(3);
          assertThat(end.path("error").path("code").asText()).isEqualTo("HANDLER_FAILED");
        });
    assertThat(of("jobs.dead-letters")).hasSize(1);
    assertThat(of("jobs.retry.1s")).hasSize(1);
    assertThat(of("jobs.retry.10s")).hasSize(1);
  }

  @Test
  void every_partition_answered_the_cancel() {
    var receipts = json("receipts");

    assertThat(receipts).hasSize(receipts.getFirst().path("partitions").asInt());
    assertThat(receipts.stream().mapToLong(receipt -> receipt.path("found").asLong()).sum())
        .isEqualTo(1);
  }

  @Test
  void progress_of_a_run_never_goes_back_and_each_job_has_one_terminal_record() {
    Map<String, Integer> last = new HashMap<>();
    Map<String, Integer> terminals = new HashMap<>();
    for (var progress : json("jobs.progress")) {
      var job = progress.path("jobId").asText();
      if (progress.path("status").asText().equals("processing")) {
        var run = progress.path("runId").asText();
        assertThat(progress.path("progress").asInt())
            .isGreaterThanOrEqualTo(last.getOrDefault(run, 0));
        last.put(run, progress.path("progress").asInt());
      } else {
        terminals.merge(job, 1, Integer::sum);
      }
    }

    assertThat(terminals.values()).allMatch(times -> times == 1);
    assertThat((long) terminals.size())
        .isEqualTo(number("distinct") + number("failed") + number("cancelled"));
  }

  private Set<String> rejectedOrigins() {
    Set<String> origins = new HashSet<>();
    for (var record : of("requests.rejected")) {
      origins.add(
          header(record, "error-topic")
              + "/"
              + header(record, "error-partition")
              + "/"
              + header(record, "error-offset"));
    }
    return origins;
  }

  private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    var header = record.headers().lastHeader(name);
    return header == null ? "" : new String(header.value(), StandardCharsets.UTF_8);
  }

  private long number(String field) {
    assertThat(told.path(field).isIntegralNumber()).as(field).isTrue();
    return told.path(field).asLong();
  }

  private static long count(Map<String, JsonNode> ends, String field, String value) {
    return ends.values().stream().filter(end -> end.path(field).asText().equals(value)).count();
  }

  private List<ConsumerRecord<byte[], byte[]>> of(String topic) {
    return records.getOrDefault("millrace." + topic, List.of());
  }

  private List<JsonNode> json(String topic) {
    return of(topic).stream().map(DemoIT::read).toList();
  }

  private static JsonNode read(ConsumerRecord<byte[], byte[]> record) {
    try {
      return Json.MAPPER.readTree(record.value());
    } catch (IOException e) {
      throw new AssertionError("not JSON on " + record.topic(), e);
    }
  }

  private void readAll(String bootstrapServers) {
    Map<String, Object> config =
        Map.of("bootstrap.servers", bootstrapServers, "isolation.level", "read_committed");
    try (var consumer =
        new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      var partitions = new ArrayList<TopicPartition>();
      consumer
          .listTopics()
          .forEach((topic, infos) -> {
            if (topic.startsWith("millrace.")) {
              infos.forEach(info -> partitions.add(new TopicPartition(topic, info.partition())));
            }
          });
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      var ends = consumer.endOffsets(partitions);
      while (!partitions.stream().allMatch(p -> consumer.position(p) >= ends.getOrDefault(p, 0L))) {
        consumer
            .poll(Duration.ofMillis(200))
            .forEach(record ->
                records.computeIfAbsent(record.topic(), _ -> new ArrayList<>()).add(record));
      }
    }
  }
}
