package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.contracts.DecisionKind;
import dev.millrace.contracts.Json;
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
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Answers are known before anybody asks: computed, given, or those of the history; and the audit
/// finds everything explained.
class WarmUpIT {

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Topics TOPICS = new Topics(Topics.DEFAULT_PREFIX);

  @TempDir static Path folder;

  private static Standalone standalone;

  @BeforeAll
  static void start() throws InterruptedException {
    var sources = new Sources(Map.of(), Map.of(), Map.of("http.port", "0"));
    standalone =
        Standalone.start(
            new Standalone.Options(folder.resolve("data"), 0, sources), Resources.system());
  }

  @AfterAll
  static void stop() {
    standalone.close();
  }

  @Test
  void what_was_warmed_up_is_cached_for_the_first_who_asks() throws Exception {
    var requests = file(request("cmp_1"), request("cmp_2"), request("cmp_3"));
    try (var tail =
        Cluster.of(standalone.settings()).tail(TopicTail.From.END, TOPICS.decisions())) {
      assertThat(json(warmUp(requests)).toString())
          .isEqualTo(
              "{\"requests\":3,\"started\":3,\"stored\":0,\"known\":0,\"refused\":0,\"commands\":1}");
      var stored = new ArrayList<String>();
      await()
          .atMost(PATIENCE)
          .until(() -> {
            for (var record : tail.poll(Duration.ofMillis(20))) {
              var decision = TOPICS.decisions().serde().read(record.value());
              if (decision.decision() == DecisionKind.STORED) {
                stored.add(String.valueOf(decision.requestHash()));
              }
            }
            return stored.size() == 3;
          });
    }

    for (var campaign : List.of("cmp_1", "cmp_2", "cmp_3")) {
      assertThat(submit(campaign).path("source").asText()).isEqualTo("cached");
    }
    assertThat(json(warmUp(requests)).path("known").asInt()).isEqualTo(3);

    var answers = file("{\"request\":%s,\"result\":{\"roi\":1.3}}".formatted(request("cmp_given")));
    assertThat(json(warmUp("--answers", answers)).path("stored").asInt()).isEqualTo(1);
    assertThat(json(warmUp(answers)).path("stored").asInt()).isEqualTo(1);
    var given = submit("cmp_given");
    assertThat(given.path("source").asText()).isEqualTo("cached");
    assertThat(given.path("result")).hasToString("{\"roi\":1.3}");
    var entry =
        run("cache", "get", given.path("requestHash").asText(), "-o", "json", "--url", url());
    assertThat(json(entry).at("/answer/provenance").asText()).isEqualTo("WARMED");

    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(json(warmUp("--from-history", "--since", "1h")).path("known").asInt())
                .isEqualTo(4));
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> {
          var audit = run("audit", "-b", standalone.bootstrapServers(), "--json");
          for (var invariant : json(audit).path("invariants")) {
            assertThat(
                    invariant.path("verdict").asText().equals("VALID")
                        || invariant.path("missing").toString().equals("[\"not exercised\"]"))
                .as(invariant.toString())
                .isTrue();
          }
        });
  }

  @Test
  void what_cannot_be_warmed_up_is_told_and_nothing_is_begun() throws IOException {
    var wrong =
        warmUp(file(request("cmp_8"), request("cmp_9").replace("simulation", "simulatoin")));

    assertThat(wrong.exitCode()).isEqualTo(1);
    assertThat(wrong.err())
        .contains(
            "requests[1].request.type: unknown type 'simulatoin' (did you mean 'simulation'?)");
    assertThat(warmUp("--answers", file(request("cmp_9"))).exitCode()).isEqualTo(2);
    assertThat(warmUp("--from-history", "--type", "nothing").exitCode()).isEqualTo(3);
  }

  private static JsonNode submit(String campaign) throws IOException {
    var file = file(request(campaign));
    return json(
        run("submit", "-f", file, "--wait", "-o", "json", "-b", standalone.bootstrapServers()));
  }

  private static CommandLineRun warmUp(String... args) {
    var all = new ArrayList<>(List.of("cache", "warm-up", "-o", "jsonl", "--url", url()));
    all.addAll(List.of(args));
    return run(all.toArray(String[]::new));
  }

  private static CommandLineRun run(String... args) {
    return CommandLineRun.of(args);
  }

  private static String url() {
    return standalone.http();
  }

  private static String request(String campaign) {
    return "{\"type\":\"simulation\",\"params\":{\"campaignId\":\"%s\",\"paths\":1000}}"
        .formatted(campaign);
  }

  private static String file(String... lines) throws IOException {
    var file = Files.createTempFile(folder, "requests", ".jsonl");
    Files.write(file, List.of(lines));
    return file.toString();
  }

  private static JsonNode json(CommandLineRun run) throws IOException {
    assertThat(run.out()).as(run.err()).isNotBlank();
    return Json.MAPPER.readTree(run.out());
  }
}
