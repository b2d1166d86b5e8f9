package dev.millrace.standalone;

import static dev.millrace.standalone.Caller.PATIENCE;
import static dev.millrace.standalone.Caller.command;
import static dev.millrace.standalone.Caller.from;
import static dev.millrace.standalone.Caller.header;
import static dev.millrace.standalone.Caller.scope;
import static dev.millrace.standalone.Caller.simulation;
import static dev.millrace.standalone.Caller.sleeping;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.contracts.Completion;
import dev.millrace.contracts.DecisionKind;
import dev.millrace.contracts.HeaderNames;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.Outcome;
import dev.millrace.contracts.Progress;
import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.Source;
import dev.millrace.contracts.Status;
import dev.millrace.contracts.Tier;
import dev.millrace.runtime.PrivacyConfig;
import dev.millrace.runtime.request.Reading;
import dev.millrace.runtime.request.RequestHasher;
import dev.millrace.runtime.request.RequestReader;
import dev.millrace.runtime.request.TypeDefinitions;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Every way a request can go, through everything, as its sender sees it.
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class RequestJourneyIT {

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TempDir static Path folder;
  @TempDir static Path secrets;

  private static Standalone standalone;
  private static Caller caller;

  @BeforeAll
  static void start() throws Exception {
    var keys = Files.writeString(secrets.resolve("keys"), "org_keyed=" + "A".repeat(43) + "=");
    standalone = Installation.start(folder, Map.of("privacy.keys", keys.toString()));
    caller = Caller.of(standalone);
  }

  @AfterAll
  static void stop() {
    caller.close();
    standalone.close();
    HTTP.close();
  }

  @Test
  void the_same_question_spelled_otherwise_by_somebody_else_is_answered_from_the_cache() {
    caller.send(
        Tier.FREE,
        """
        {"type":"simulation","organizationId":"org_1","userId":"ana","requestId":"cached-1",
         "params":{"campaignId":"cmp_cached","timeframeDays":3,"paths":200,
                   "scenarios":[{"name":"base","budgetMultiplier":1},
                                {"name":"more","budgetMultiplier":1.5}]},
         "cache":{"scope":"global"}}\
        """);
    var computed = caller.end("cached-1");

    caller.send(
        Tier.PRO,
        """
        {"cache":{"scope":"global"},"requestId":"cached-2","userId":"ben","organizationId":"org_2",
         "params":{"scenarios":[{"budgetMultiplier":1.50,"name":"more"},
                                {"budgetMultiplier":1.0,"name":"base"}],
                   "paths":2e2,"timeframeDays":3.0,"campaignId":"cmp_cached","seed":0},
         "type":"simulation"}\
        """);
    var cached = caller.end("cached-2");

    assertThat(computed.status()).isEqualTo(Status.COMPLETED);
    assertThat(computed.source()).isEqualTo(Source.COMPUTED);
    assertThat(cached.status()).isEqualTo(Status.COMPLETED);
    assertThat(cached.source()).isEqualTo(Source.CACHED);
    assertThat(cached.requestHash()).isEqualTo(computed.requestHash());
    assertThat(cached.jobId()).isEqualTo(computed.jobId());
    assertThat(cached.result()).isNotNull().isEqualTo(computed.result());
    assertThat(cached.organizationId()).isEqualTo("org_2");
    assertThat(cached.savedMs()).isEqualTo(computed.runMs());
    assertThat(caller.decisions(DecisionKind.STARTED, computed.requestHash())).hasSize(1);
  }

  @Test
  void whoever_asks_while_it_runs_joins() {
    var question = command("first", "sh", "-c", "sleep 2; echo '{\"answer\":42}'");
    caller.send(Tier.FREE, question);
    var started = caller.started("first");

    caller.send(Tier.ENTERPRISE, question.deepCopy().put("requestId", "joiner"));
    var first = caller.end("first");
    var joiner = caller.end("joiner");

    assertThat(first.source()).isEqualTo(Source.COMPUTED);
    assertThat(joiner.source()).isEqualTo(Source.JOINED);
    assertThat(joiner.jobId()).isEqualTo(first.jobId()).isEqualTo(started.jobId());
    assertThat(joiner.result()).isEqualTo(first.result());
    assertThat(first.result().path("answer").asInt()).isEqualTo(42);
    assertThat(caller.decisions(DecisionKind.STARTED, first.requestHash())).hasSize(1);
  }

  @Test
  void what_is_no_request_is_rejected_with_its_reason_and_kept_as_it_came() {
    var malformed = "{\"type\":\"simulation\",\"params\":{\"campaignId\":\"cmp_1\"}";
    var misspelled = simulation("misspelled", "cmp_1").put("priority", "high").toString();

    var first = caller.send(Tier.PRO, malformed);
    var second = caller.send(Tier.PRO, misspelled);

    await().atMost(PATIENCE).until(() -> !caller.rejections(first).isEmpty());
    await().atMost(PATIENCE).until(() -> !caller.rejections(second).isEmpty());
    var rejected = caller.rejections(first).getFirst();
    assertThat(header(rejected, HeaderNames.ERROR_CODE)).isEqualTo("E_JSON");
    assertThat(rejected.value()).asString(StandardCharsets.UTF_8).isEqualTo(malformed);
    var unknown = caller.rejections(second).getFirst();
    assertThat(header(unknown, HeaderNames.ERROR_CODE)).isEqualTo("E_UNKNOWN_FIELD");
    assertThat(header(unknown, HeaderNames.ERROR_FIELD)).contains("priority");
    assertThat(caller.completions("misspelled")).isEmpty();
  }

  @Test
  void a_request_without_an_id_is_called_after_its_place() {
    var nameless = simulation("", "cmp_nameless");
    var _ = nameless.remove("requestId");

    var at = caller.send(Tier.FREE, nameless);

    var place = "-" + at.partition() + "-" + at.offset();
    var end =
        await()
            .atMost(PATIENCE)
            .until(
                () ->
                    caller.recording().values(caller.topics().completions()).stream()
                        .filter(completion -> completion.requestId().endsWith(place))
                        .filter(completion -> completion.tier() == Tier.FREE)
                        .toList(),
                ends -> ends.size() == 1);
    assertThat(end.getFirst().status()).isEqualTo(Status.COMPLETED);
  }

  @Test
  void the_same_request_again_is_told_its_old_end() {
    var request = from(simulation("again", "cmp_again"), "org_again", "ana");
    caller.send(Tier.FREE, request);
    var first = caller.end("again");

    caller.send(Tier.FREE, request);

    await().atMost(PATIENCE).until(() -> caller.completions("again").size() == 2);
    var second = caller.completions("again").getLast();
    assertThat(first.repeat()).isFalse();
    assertThat(second.repeat()).isTrue();
    assertThat(second.completedAt()).isEqualTo(first.completedAt());
    assertThat(second.jobId()).isEqualTo(first.jobId());
    assertThat(second.result()).isEqualTo(first.result());
    assertThat(caller.decisions(DecisionKind.DISPATCHED, first.requestHash())).hasSize(1);
  }

  @Test
  void nothing_leaves_its_scope() {
    var ends = new ArrayList<Completion>();
    for (var who : List.of("a.ana", "a.ben", "b.ana")) {
      var organization = "org_" + who.charAt(0);
      for (var scope : List.of("private", "organization")) {
        var id = "scope-" + scope + "-" + who;
        caller.send(
            Tier.PRO,
            scope(from(simulation(id, "cmp_scope"), organization, who.substring(2)), scope));
        ends.add(caller.end(id));
      }
    }

    assertThat(ends.subList(0, 6))
        .extracting(Completion::source)
        .containsExactly(
            Source.COMPUTED, // a.ana, private
            Source.COMPUTED, // a.ana, organization
            Source.COMPUTED, // a.ben, private
            Source.CACHED, // a.ben, organization
            Source.COMPUTED, // b.ana, private
            Source.COMPUTED); // b.ana, organization
    assertThat(ends.stream().map(Completion::requestHash).distinct()).hasSize(5);
  }

  @Test
  void what_is_private_has_a_hash_nobody_can_guess_and_is_still_found() throws Exception {
    var first = scope(from(simulation("keyed-1", "cmp_keyed"), "org_keyed", "ana"), "private");
    caller.send(Tier.FREE, first);
    var computed = caller.end("keyed-1");

    var again = first.deepCopy().put("requestId", "keyed-2");
    var cached =
        json(
            HTTP.send(
                call("/v1/requests")
                    .header("Prefer", "wait=60")
                    .POST(BodyPublishers.ofString(again.toString()))
                    .build(),
                BodyHandlers.ofString()));

    assertThat(cached.path("source").asText()).isEqualTo("cached");
    assertThat(cached.path("requestHash").asText()).isEqualTo(computed.requestHash().hex());
    assertThat(computed.requestHash())
        .isEqualTo(hash(PrivacyConfig.hasher(standalone.settings()), first))
        .isNotEqualTo(hash(RequestHasher.KEYLESS, first));
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> {
          var explained = json(get("/v1/requests/keyed-1/explain"));
          assertThat(explained.at("/identity/recipeVersion").asInt()).isOne();
        });
  }

  @Test
  void a_cancel_stops_what_runs() {
    caller.send(Tier.FREE, from(sleeping("cancelled", 120), "org_c", "ana"));
    var started = caller.started("cancelled");

    long met = caller.cancel("org_c", "cancelled");

    assertThat(met).isEqualTo(1);
    assertThat(caller.end("cancelled").status()).isEqualTo(Status.CANCELLED);
    caller.awaitOutcome(Outcome.Cancelled.class, started.jobId());
    await().atMost(PATIENCE).until(() -> !running(started.jobId().value()));
  }

  @Test
  void a_cancel_may_come_before_its_request() {
    assertThat(caller.cancel("org_c", "cancelled-ahead")).isZero();

    caller.send(Tier.FREE, from(simulation("cancelled-ahead", "cmp_ahead"), "org_c", "ana"));

    var end = caller.end("cancelled-ahead");
    assertThat(end.status()).isEqualTo(Status.CANCELLED);
    assertThat(caller.decisions(DecisionKind.DISPATCHED, end.requestHash())).isEmpty();
  }

  @Test
  void who_does_not_want_to_wait_longer_is_told_so() {
    caller.send(Tier.FREE, sleeping("expired", 120).put("timeoutMs", 1_500));

    var end = caller.end("expired");

    assertThat(end.status()).isEqualTo(Status.EXPIRED);
    caller.awaitOutcome(Outcome.Cancelled.class, end.jobId());
  }

  @Test
  void what_fails_every_time_ends_as_a_dead_letter() {
    caller.send(Tier.PRO, command("failing", "false").put("maxAttempts", 2));

    var end = caller.end("failing");

    assertThat(end.status()).isEqualTo(Status.FAILED);
    assertThat(end.attempts()).isEqualTo(2);
    assertThat(end.error().code()).isEqualTo("HANDLER_FAILED");
    var dead =
        await()
            .atMost(PATIENCE)
            .until(
                () ->
                    caller.recording().records(caller.topics().deadLetters()).stream()
                        .filter(it -> end.jobId().value().equals(header(it, HeaderNames.JOB_ID)))
                        .toList(),
                letters -> !letters.isEmpty());
    assertThat(dead).hasSize(1);
    assertThat(header(dead.getFirst(), HeaderNames.ERROR_CODE)).isEqualTo("HANDLER_FAILED");
    assertThat(header(dead.getFirst(), HeaderNames.ERROR_MESSAGE)).contains("exit code 1");
    assertThat(header(dead.getFirst(), HeaderNames.ERROR_TOPIC)).endsWith("jobs.pro");
    assertThat(header(dead.getFirst(), HeaderNames.ERROR_AT)).isNotBlank();
    assertThat(header(dead.getFirst(), HeaderNames.ATTEMPT)).isEqualTo("2");
  }

  @Test
  void who_wants_only_what_is_cached_gets_it_or_a_refusal_at_once() {
    caller.send(Tier.FREE, onlyCached("only-1"));
    var refused = caller.end("only-1");
    caller.send(Tier.FREE, simulation("only-2", "cmp_only"));
    var computed = caller.end("only-2");
    caller.send(Tier.FREE, onlyCached("only-3"));
    var cached = caller.end("only-3");

    assertThat(refused.status()).isEqualTo(Status.FAILED);
    assertThat(refused.error().code()).isEqualTo("NOT_CACHED");
    assertThat(computed.source()).isEqualTo(Source.COMPUTED);
    assertThat(cached.source()).isEqualTo(Source.CACHED);
  }

  @Test
  void a_listener_sees_the_progress_of_what_came_by_a_record_to_its_end() throws Exception {
    var lines = new CopyOnWriteArrayList<String>();
    var answer =
        HTTP.send(call("/v1/events?request=watched").GET().build(), BodyHandlers.ofLines());
    var ended = new CompletableFuture<Void>();
    Thread.ofVirtual()
        .start(() -> {
          answer.body().forEach(lines::add);
          ended.complete(null);
        });
    await().atMost(PATIENCE).until(() -> !lines.isEmpty());

    var steps =
        "for p in 20 40 60 80; do echo '{\"progress\":'$p',\"message\":\"step\"}'; sleep 0.5; done;"
            + " echo '{\"done\":true}'";
    caller.send(Tier.PRO, command("watched", "sh", "-c", steps));
    ended.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);

    var progress = events(lines, "job_progress");
    assertThat(progress).isNotEmpty();
    assertThat(progress)
        .filteredOn(event -> event.path("status").asText().equals("processing"))
        .extracting(event -> event.path("progress").asInt())
        .isSorted()
        .contains(20, 40, 60, 80);
    var complete = events(lines, "job_complete");
    assertThat(complete).hasSize(1);
    assertThat(complete.getFirst().path("requestId").asText()).isEqualTo("watched");
    assertThat(complete.getFirst().path("result").path("done").asBoolean()).isTrue();
    var jobId = caller.end("watched").jobId();
    var terminal =
        caller.recording().values(caller.topics().progress()).stream()
            .filter(it -> it.jobId().equals(jobId))
            .filter(Progress::terminal);
    assertThat(terminal).hasSize(1);
  }

  @Test
  void who_waits_at_the_door_gets_the_completion_and_can_look_it_up() throws Exception {
    var request = from(simulation("waited", "cmp_waited"), "org_w", "ana").put("tier", "pro");

    var answer =
        HTTP.send(
            call("/v1/requests")
                .header("Prefer", "wait=60")
                .POST(BodyPublishers.ofString(request.toString()))
                .build(),
            BodyHandlers.ofString());

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    var end = json(answer);
    assertThat(end.path("status").asText()).isEqualTo("completed");
    assertThat(end.path("tier").asText()).isEqualTo("pro");
    var result = end.path("result");
    assertThat(result.path("campaignId").asText()).isEqualTo("cmp_waited");

    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> {
          assertThat(json(get("/v1/requests/waited")).path("status").asText())
              .isEqualTo("completed");
          assertThat(json(get("/v1/requests/waited/result"))).isEqualTo(result);
          var listed = json(get("/v1/requests?organizationId=org_w&status=completed&tier=pro"));
          assertThat(listed.path("items").findValuesAsText("requestId")).contains("waited");
        });
  }

  @Test
  void a_large_result_goes_by_reference_and_can_be_downloaded() throws Exception {
    var large = simulation("large", "cmp_large");
    var params = (ObjectNode) large.path("params");
    params.put("timeframeDays", 365).put("paths", 100);
    var scenarios = params.putArray("scenarios");
    scenarios.addObject().put("name", "base");
    IntStream.range(2, 9)
        .forEach(i -> scenarios.addObject().put("name", "x" + i).put("budgetMultiplier", i));

    caller.send(Tier.FREE, large);
    var end = caller.end("large");

    assertThat(end.status()).isEqualTo(Status.COMPLETED);
    assertThat(end.result().isNull()).isTrue();
    assertThat(end.resultRef()).endsWith("/" + end.resultSha256());
    assertThat(end.resultBytes()).isGreaterThan(64 * 1024);
    var body =
        await()
            .atMost(PATIENCE)
            .until(() -> get("/v1/requests/large/result"), answer -> answer.statusCode() == 200)
            .body();
    assertThat(body.getBytes(StandardCharsets.UTF_8)).hasSize(end.resultBytes().intValue());
    assertThat(Json.MAPPER.readTree(body).path("scenarios").size()).isEqualTo(8);
  }

  @Test
  void a_thousand_who_ask_the_same_at_once_cost_one_run() throws Exception {
    var senders = new ArrayList<Thread>();
    var together = new CyclicBarrier(3);
    for (int from = 0; from < 3; from++) {
      var ids = IntStream.iterate(from, i -> i < 1_000, i -> i + 3).mapToObj(i -> "same-" + i);
      senders.add(
          Thread.ofPlatform()
              .start(() -> {
                try (var sender = caller.anotherSender()) {
                  together.await(60, TimeUnit.SECONDS);
                  var sent =
                      ids.map(id -> caller.ask(sender, Tier.FREE, simulation(id, "cmp_same")))
                          .toList();
                  sent.forEach(CompletableFuture::join);
                } catch (Exception e) {
                  throw new AssertionError(e);
                }
              }));
    }
    for (var sender : senders) {
      sender.join();
    }

    caller.awaitEnds(IntStream.range(0, 1_000).mapToObj(i -> "same-" + i).toList());

    var ends =
        caller.recording().values(caller.topics().completions()).stream()
            .filter(end -> end.requestId().startsWith("same-"))
            .toList();
    assertThat(ends).extracting(Completion::requestId).hasSize(1_000).doesNotHaveDuplicates();
    assertThat(ends).allMatch(end -> end.status() == Status.COMPLETED && !end.repeat());
    assertThat(ends.stream().map(Completion::result).distinct()).hasSize(1);
    assertThat(ends).filteredOn(end -> end.source() == Source.COMPUTED).hasSize(1);
    var hash = ends.getFirst().requestHash();
    assertThat(caller.decisions(DecisionKind.STARTED, hash)).hasSize(1);
    assertThat(caller.decisions(DecisionKind.SUCCEEDED, hash)).hasSize(1);
    assertThat(caller.outcomes(Outcome.Started.class, ends.getFirst().jobId())).hasSize(1);
  }

  private static RequestHash hash(RequestHasher hasher, ObjectNode request) {
    var types = TypeDefinitions.load(RequestJourneyIT.class.getClassLoader(), null);
    var bytes = request.toString().getBytes(StandardCharsets.UTF_8);
    return new RequestReader(types, hasher).read(bytes, Tier.FREE)
            instanceof Reading.Accepted(var checked)
        ? checked.requestHash()
        : fail("rejected: " + request);
  }

  private static ObjectNode onlyCached(String requestId) {
    var request = simulation(requestId, "cmp_only");
    request.putObject("cache").put("mode", "only");
    return request;
  }

  private static boolean running(String jobId) {
    return standalone.details().get("job-workers").toString().contains(jobId);
  }

  /// The data of the events of one name.
  private static List<JsonNode> events(List<String> lines, String name) throws Exception {
    var events = new ArrayList<JsonNode>();
    String event = "";
    for (var line : lines) {
      if (line.startsWith("event: ")) {
        event = line.substring("event: ".length());
      } else if (line.startsWith("data: ") && event.equals(name)) {
        events.add(Json.MAPPER.readTree(line.substring("data: ".length())));
      }
    }
    return events;
  }

  private static HttpResponse<String> get(String path) throws Exception {
    return HTTP.send(call(path).GET().build(), BodyHandlers.ofString());
  }

  private static HttpRequest.Builder call(String path) {
    return HttpRequest.newBuilder(URI.create(standalone.http() + path));
  }

  private static JsonNode json(HttpResponse<String> answer) throws Exception {
    return Json.MAPPER.readTree(answer.body());
  }
}
