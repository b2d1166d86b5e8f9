package dev.millrace.cli;

import static java.util.Comparator.comparing;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.contracts.DecisionKind;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.Receipt;
import dev.millrace.contracts.Topic;
import dev.millrace.contracts.Topics;
import dev.millrace.runtime.Resources;
import dev.millrace.runtime.Settings.Sources;
import dev.millrace.standalone.Standalone;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The answers of a file are known though nobody has asked for them; at the next start nothing of
/// that is computed again.
class WarmUpAtStartIT {

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Topics TOPICS = new Topics(Topics.DEFAULT_PREFIX);

  @TempDir private Path folder;

  private Path requests;

  @BeforeEach
  void write() throws IOException {
    requests = folder.resolve("requests.jsonl");
    Files.write(
        requests,
        List.of(
            "{\"request\":%s,\"result\":{\"roi\":1.3}}".formatted(request("cmp_given")),
            "this is no request",
            request("cmp_computed")));
  }

  @Test
  void the_answers_of_a_file_are_known_after_every_start() throws Exception {
    try (var standalone = start()) {
      assertThat(warmedUp(standalone, 1)).isEqualTo(new Receipt.WarmUp(1, 1, 0, 0));
      awaitComputed(standalone);

      var given = submit(standalone, "cmp_given");
      assertThat(given.path("source").asText()).isEqualTo("cached");
      assertThat(given.path("result")).hasToString("{\"roi\":1.3}");
      var hash = given.path("requestHash").asText();
      var entry = json(run("cache", "get", hash, "-o", "json", "--url", standalone.http()));
      assertThat(entry.at("/answer/provenance").asText()).isEqualTo("WARMED");
      assertThat(submit(standalone, "cmp_computed").path("source").asText()).isEqualTo("cached");
    }

    try (var standalone = start()) {
      assertThat(warmedUp(standalone, 2)).isEqualTo(new Receipt.WarmUp(0, 1, 1, 0));
      assertThat(submit(standalone, "cmp_computed").path("source").asText()).isEqualTo("cached");
    }
  }

  private Standalone start() throws InterruptedException {
    var flags = Map.of("http.port", "0", "warm.up.file", requests.toString());
    return Standalone.start(
        new Standalone.Options(folder.resolve("data"), 0, new Sources(Map.of(), Map.of(), flags)),
        Resources.system());
  }

  /// What became of the last warm-up of so many, when every partition has answered it.
  private static Receipt.WarmUp warmedUp(Standalone standalone, int commands) {
    var receipts = new ArrayList<Receipt>();
    try (var tail = tail(standalone, TOPICS.receipts())) {
      await()
          .atMost(PATIENCE)
          .until(() -> {
            for (var record : tail.poll(Duration.ofMillis(20))) {
              receipts.add(TOPICS.receipts().serde().read(record.value()));
            }
            return receipts.size() == 4 * commands;
          });
    }
    var last = receipts.stream().max(comparing(Receipt::at)).orElseThrow().commandId();
    return receipts.stream()
        .filter(receipt -> receipt.commandId().equals(last))
        .map(receipt -> Objects.requireNonNull(receipt.warmUp()))
        .reduce(Receipt.WarmUp.NOTHING, Receipt.WarmUp::plus);
  }

  private static void awaitComputed(Standalone standalone) {
    try (var tail = tail(standalone, TOPICS.decisions())) {
      await()
          .atMost(PATIENCE)
          .until(() ->
              tail.poll(Duration.ofMillis(20)).stream()
                  .map(record -> TOPICS.decisions().serde().read(record.value()))
                  .anyMatch(decision ->
                      decision.decision() == DecisionKind.STORED
                          && !Objects.equals(decision.reason(), "warmed")));
    }
  }

  private static TopicTail tail(Standalone standalone, Topic<?> topic) {
    return Cluster.of(standalone.settings()).tail(TopicTail.From.START, topic);
  }

  private JsonNode submit(Standalone standalone, String campaign) throws IOException {
    var file = folder.resolve(campaign + ".json");
    Files.writeString(file, request(campaign));
    return json(
        run(
            "submit",
            "-f",
            file.toString(),
            "--wait",
            "-o",
            "json",
            "-b",
            standalone.bootstrapServers()));
  }

  private static CommandLineRun run(String... args) {
    return CommandLineRun.of(args);
  }

  private static String request(String campaign) {
    return "{\"type\":\"simulation\",\"params\":{\"campaignId\":\"%s\",\"paths\":1000}}"
        .formatted(campaign);
  }

  private static JsonNode json(CommandLineRun run) throws IOException {
    assertThat(run.out()).as(run.err()).isNotBlank();
    return Json.MAPPER.readTree(run.out());
  }
}
