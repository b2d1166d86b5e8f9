package dev.millrace.standalone;

import static dev.millrace.standalone.Caller.PATIENCE;
import static dev.millrace.standalone.Caller.command;
import static dev.millrace.standalone.Caller.header;
import static dev.millrace.standalone.Caller.simulation;
import static dev.millrace.standalone.Caller.sleeping;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.contracts.HeaderNames;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.Outcome;
import dev.millrace.contracts.RetryDelay;
import dev.millrace.contracts.Source;
import dev.millrace.contracts.Tier;
import dev.millrace.contracts.Topic;
import dev.millrace.contracts.Topics;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Nonsense on every topic a service reads: each is kept where it is owed, and stops nobody.
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class EveryBadRecordIT {

  /// A good hash of partition 0, so that only what else is missing can be wrong.
  private static final String HASH = "00000000" + "a".repeat(56);

  private static final List<String> SHAPES =
      List.of(
          "{}",
          "[]",
          "null",
          "42",
          "\"text\"",
          "{\"outcome\":\"started\"}",
          "{\"outcome\":\"check\",\"requestHash\":\"" + HASH + "\"}",
          "{\"outcome\":\"succeeded\",\"requestHash\":\"" + HASH + "\"}",
          "{\"outcome\":\"failed\",\"requestHash\":\"" + HASH + "\"}",
          "{\"outcome\":\"unheard-of\",\"requestHash\":\"" + HASH + "\"}",
          "{\"control\":\"revoke\"}",
          "{\"control\":\"grant\",\"jobId\":\"simulation:" + HASH.substring(0, 16) + ":1\"}",
          "{\"command\":\"cancel\"}",
          "{\"command\":\"pause\"}",
          "{\"command\":\"invalidate\",\"commandId\":\"nothing-named\"}",
          "{\"command\":\"pause\",\"commandId\":\"no-lane\"}",
          "{\"tags\":[]}",
          "{\"tags\":[],\"requestHash\":\"" + HASH + "\"}",
          "{\"requestHash\":\"" + HASH + "\",\"partition\":0}",
          "{\"decision\":\"DISPATCHED\"}",
          "{\"status\":\"processing\"}",
          "{\"status\":\"completed\",\"requestId\":\"bad-completion\"}",
          "{\"paused\":true}");

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private static final List<Bad> SENT = new ArrayList<>();

  @TempDir static Path folder;

  private static Standalone standalone;
  private static Caller caller;

  @BeforeAll
  static void send_nonsense_everywhere() throws InterruptedException {
    standalone = Installation.start(folder, Map.of());
    caller = Caller.of(standalone);
    for (var read : topics()) {
      var topic = read.name();
      for (byte[] value : undecodable()) {
        sendLater(topic, value);
      }
      if (!read.compacted()) {
        sendLater(topic, null);
      }
      for (var shape : SHAPES) {
        sendLater(topic, shape.getBytes(StandardCharsets.UTF_8));
      }
    }
    SENT.forEach(bad -> bad.at().orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join());
  }

  @AfterAll
  static void stop() {
    caller.close();
    standalone.close();
    HTTP.close();
  }

  private static List<Topic<?>> topics() {
    var topics = new ArrayList<Topic<?>>(owing());
    var all = new Topics(Topics.DEFAULT_PREFIX);
    topics.addAll(
        List.of(all.control(), all.settings(), all.rejected(), all.receipts(), all.alerts()));
    return topics;
  }

  /// Whoever reads these puts aside what it does not understand.
  private static List<Topic<?>> owing() {
    var all = new Topics(Topics.DEFAULT_PREFIX);
    var topics = new ArrayList<Topic<?>>();
    for (var tier : Tier.values()) {
      topics.addAll(List.of(all.requests(tier), all.admitted(tier), all.lane(tier)));
    }
    for (var delay : RetryDelay.values()) {
      topics.add(all.retry(delay));
    }
    topics.addAll(
        Arrays.<Topic<?>>asList(
            all.commands(),
            all.admittedCommands(),
            all.outcomes(),
            all.decisions(),
            all.progress(),
            all.completions()));
    return topics;
  }

  @Test
  void good_requests_of_every_tier_and_partition_still_complete() {
    var ids = new ArrayList<String>();
    for (var tier : Tier.values()) {
      for (int i = 0; i < 8; i++) {
        var id = "good-" + tier.id() + "-" + i;
        caller.send(tier, simulation(id, "cmp-" + tier.id() + "-" + i));
        ids.add(id);
      }
    }

    for (var id : ids) {
      assertThat(caller.end(id).source()).isEqualTo(Source.COMPUTED);
    }
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(inHistory("good-")).containsAll(ids));
  }

  @Test
  void a_failing_job_still_gets_its_retry_and_its_dead_letter() {
    caller.send(Tier.FREE, command("fails", "false").put("maxAttempts", 2));

    assertThat(caller.end("fails").attempts()).isEqualTo(2);
  }

  @Test
  void a_run_can_still_be_stopped() {
    caller.send(Tier.PRO, sleeping("sleeps", 120));
    var started = caller.started("sleeps");

    assertThat(caller.cancel(null, "sleeps")).isEqualTo(1);

    caller.awaitOutcome(Outcome.Cancelled.class, started.jobId());
  }

  static List<String> namesOfOwing() {
    return owing().stream().map(Topic::name).toList();
  }

  @ParameterizedTest
  @MethodSource("namesOfOwing")
  void what_cannot_be_read_is_kept_with_its_reason(String topic) {
    var owed =
        SENT.stream().filter(bad -> bad.topic().equals(topic)).filter(Bad::unreadable).toList();
    assertThat(owed).hasSizeGreaterThan(5);
    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(owed.stream().map(bad -> bad.at().join()))
                .allSatisfy(at -> assertThat(caller.rejections(at)).isNotEmpty()));
    for (var bad : owed) {
      var rejection = caller.rejections(bad.at().join()).getFirst();
      assertThat(header(rejection, HeaderNames.ERROR_CODE)).startsWith("E_");
      assertThat(header(rejection, HeaderNames.ERROR_AT)).isNotBlank();
      assertKept(bad.value(), rejection.value());
    }
  }

  private static List<byte[]> undecodable() {
    var oversized = new byte[900 * 1024];
    Arrays.fill(oversized, (byte) 'x');
    var deep = "[".repeat(20_000).getBytes(StandardCharsets.UTF_8);
    return List.of(
        "not json".getBytes(StandardCharsets.UTF_8),
        new byte[0],
        new byte[] {(byte) 0xff, (byte) 0xfe, 0, (byte) 0x80, '{'},
        deep,
        oversized);
  }

  /// As it came, or its beginning where it is too long.
  private static void assertKept(byte @Nullable [] sent, byte @Nullable [] kept) {
    if (sent == null || kept == null) {
      assertThat(kept).isEqualTo(sent);
    } else if (kept.length < sent.length) {
      assertThat(kept).hasSizeGreaterThanOrEqualTo(64 * 1024);
    } else {
      assertThat(kept).isEqualTo(sent);
    }
  }

  /// @param unreadable whether it is not even JSON of an object
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  private record Bad(
      String topic,
      byte @Nullable [] value,
      boolean unreadable,
      CompletableFuture<RecordMetadata> at) {}

  private static void sendLater(String topic, byte @Nullable [] value) {
    boolean unreadable = value == null || value.length == 0 || value[0] != '{';
    var at = caller.sender().send(topic, 0, "nonsense", value, Map.of());
    SENT.add(new Bad(topic, value, unreadable, at));
  }

  /// What the history knows to be completed.
  private static List<String> inHistory(String search) throws Exception {
    var call =
        URI.create(standalone.http() + "/v1/requests?limit=100&status=completed&q=" + search);
    var answer = HTTP.send(HttpRequest.newBuilder(call).build(), BodyHandlers.ofString());
    return Json.MAPPER.readTree(answer.body()).findValuesAsText("requestId");
  }
}
