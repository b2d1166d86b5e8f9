package dev.millrace.standalone;

import static dev.millrace.standalone.Caller.PATIENCE;
import static dev.millrace.standalone.Caller.simulation;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.contracts.HeaderNames;
import dev.millrace.contracts.RetryDelay;
import dev.millrace.contracts.Source;
import dev.millrace.contracts.Status;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
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
    HTTP.close();
  }

  static List<String> topicsThatServicesRead() {
    return topics().stream().map(Topic::name).toList();
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

  @ParameterizedTest
  @MethodSource("topicsThatServicesRead")
  void a_bad_record_stops_nobody_and_is_kept(String topic) throws Exception {
    var undecodable = new LinkedHashMap<RecordMetadata, byte @Nullable []>();
    for (byte[] value : undecodable()) {
      undecodable.put(send(topic, value), value);
    }
    if (!topic.equals(caller.topics().settings().name())) {
      undecodable.put(send(topic, null), null);
    }
    for (var shape : SHAPES) {
      var _ = send(topic, shape.getBytes(StandardCharsets.UTF_8));
    }

    for (var tier : Tier.values()) {
      var id = "good-" + tier.id() + "-" + topic;
      caller.send(tier, simulation(id, "cmp-" + tier.id() + "-" + topic));
      var end = caller.end(id);
      assertThat(end.status()).isEqualTo(Status.COMPLETED);
      assertThat(end.source()).isEqualTo(Source.COMPUTED);
      await().atMost(PATIENCE).until(() -> known(id));
    }
    assertThat(caller.cancel(null, "never-asked-" + topic)).isZero();
    if (owing().stream().anyMatch(owes -> owes.name().equals(topic))) {
      for (var bad : undecodable.entrySet()) {
        await()
            .atMost(PATIENCE)
            .untilAsserted(() ->
                assertThat(caller.rejections(bad.getKey()))
                    .as(bad.getKey().toString())
                    .isNotEmpty());
        var rejection = caller.rejections(bad.getKey()).getFirst();
        assertThat(Caller.header(rejection, HeaderNames.ERROR_CODE)).startsWith("E_");
        assertThat(Caller.header(rejection, HeaderNames.ERROR_AT)).isNotBlank();
        assertKept(bad.getValue(), rejection.value());
      }
    }
    assertThat(standalone.ready()).isTrue();
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

  private static RecordMetadata send(String topic, byte @Nullable [] value) {
    return caller
        .sender()
        .send(topic, 0, "nonsense", value, Map.of())
        .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
        .join();
  }

  /// Whether the history has its end.
  private static boolean known(String requestId) throws Exception {
    var call = URI.create(standalone.http() + "/v1/requests?status=completed&q=" + requestId);
    var answer = HTTP.send(HttpRequest.newBuilder(call).build(), BodyHandlers.ofString());
    return answer.body().contains("\"requestId\":\"" + requestId + "\"");
  }
}
