package dev.millrace.standalone;

import static dev.millrace.standalone.Caller.PATIENCE;
import static dev.millrace.standalone.Caller.simulation;
import static dev.millrace.standalone.Caller.sleeping;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.contracts.Completion;
import dev.millrace.contracts.DecisionKind;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.Source;
import dev.millrace.contracts.Status;
import dev.millrace.contracts.Tier;
import dev.millrace.contracts.Topics;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `millrace up`, killed in the middle of its work and started again on the same folder.
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class StandaloneRestartIT {

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TempDir Path folder;

  @AfterAll
  static void stop() {
    HTTP.close();
  }

  @Test
  void everything_goes_on_where_a_kill_left_it_and_a_stop_is_quick() throws Exception {
    var before = IntStream.range(0, 100).mapToObj(i -> "before-" + i).toList();
    var during = IntStream.range(0, 100).mapToObj(i -> "during-" + i).toList();
    var all = Stream.of(before, during, List.of("long")).flatMap(List::stream).toList();
    String address;
    try (var up = ChildJvm.start(CommandLineChild.class, arguments(0))) {
      var ready = ready(up);
      address = ready.path("bootstrapServers").asText();
      try (var caller = Caller.of(address, Topics.DEFAULT_PREFIX)) {
        caller.send(Tier.PRO, sleeping("long", 3));
        before.forEach(id -> caller.send(Tier.FREE, simulation(id, "cmp_" + id)));
        await().atMost(PATIENCE).until(() -> ended(caller) >= 50);
        during.stream()
            .map(id -> caller.ask(caller.sender(), Tier.PRO, simulation(id, "cmp_" + id)))
            .toList()
            .forEach(sent -> sent.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join());
        up.kill();
      }
    }

    try (var up = ChildJvm.start(CommandLineChild.class, arguments(0))) {
      var ready = ready(up);
      assertThat(ready.path("bootstrapServers").asText()).isEqualTo(address);
      try (var caller = Caller.of(address, Topics.DEFAULT_PREFIX)) {
        caller.awaitEnds(all);
        for (var id : all) {
          var end = caller.end(id);
          assertThat(end.status()).as(id).isEqualTo(Status.COMPLETED);
          assertThat(caller.decisions(DecisionKind.SUCCEEDED, end.requestHash())).as(id).hasSize(1);
        }

        caller.send(Tier.FREE, simulation("repeat", "cmp_before-0"));
        assertThat(caller.end("repeat").source()).isEqualTo(Source.CACHED);
        assertThat(caller.end("repeat").jobId()).isEqualTo(caller.end("before-0").jobId());
        await()
            .atMost(PATIENCE)
            .untilAsserted(
                () -> assertThat(all).allMatch(id -> completed(ready.path("http").asText(), id)));
        assertThat(caller.recording().values(caller.topics().completions()))
            .extracting(Completion::requestId)
            .doesNotHaveDuplicates();
      }

      long start = System.nanoTime();
      assertThat(up.terminate()).isZero();
      var took = Duration.ofNanos(System.nanoTime() - start);
      System.err.println("everything stopped in " + took.toMillis() + " ms");
      assertThat(took).isLessThan(Duration.ofSeconds(30));
    }
  }

  private static long ended(Caller caller) {
    return caller.recording().values(caller.topics().completions()).size();
  }

  private Object[] arguments(int port) {
    return new Object[] {
      "up",
      "--json",
      "--data-dir",
      folder,
      "--http-port",
      port,
      "--kafka-port",
      port,
      "--set",
      "workers.command.allow=sh"
    };
  }

  private static JsonNode ready(ChildJvm up) throws IOException {
    var ready = Json.MAPPER.readTree(up.line());
    assertThat(ready.path("ready").asBoolean()).isTrue();
    System.err.println(
        "up in %d ms, %d MiB"
            .formatted(ready.path("startMs").asLong(), ready.path("rssBytes").asLong() >> 20));
    return ready;
  }

  private static boolean completed(String http, String requestId) {
    try {
      var call = HttpRequest.newBuilder(URI.create(http + "/v1/requests/" + requestId)).build();
      var answer = HTTP.send(call, BodyHandlers.ofString());
      return Json.MAPPER.readTree(answer.body()).path("status").asText().equals("completed");
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
