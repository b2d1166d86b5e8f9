package dev.millrace.publisher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.millrace.contracts.Command;
import dev.millrace.contracts.Completion;
import dev.millrace.contracts.Decision;
import dev.millrace.contracts.DecisionKind;
import dev.millrace.contracts.Failure;
import dev.millrace.contracts.HeaderNames;
import dev.millrace.contracts.JobId;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.Progress;
import dev.millrace.contracts.Receipt;
import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.Sha256;
import dev.millrace.contracts.Source;
import dev.millrace.contracts.Status;
import dev.millrace.contracts.Tier;
import dev.millrace.contracts.Topic;
import dev.millrace.contracts.Topics;
import dev.millrace.runtime.CommonConfig;
import dev.millrace.runtime.FileBlobStore;
import dev.millrace.runtime.KafkaClients;
import dev.millrace.runtime.Resources;
import dev.millrace.runtime.Sender;
import dev.millrace.runtime.Settings;
import dev.millrace.runtime.TopicAdmin;
import dev.millrace.standalone.EmbeddedPostgreSql;
import dev.millrace.standalone.SharedBroker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Records made by hand go in; what callers see comes out.
class PublisherIT {

  @RegisterExtension static final SharedBroker BROKER = new SharedBroker();

  private static final AtomicInteger NUMBER = new AtomicInteger();
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TempDir static Path folder;

  private static Map<String, String> flags = Map.of();
  private static Topics topics;
  private static KafkaClients clients;
  private static EmbeddedPostgreSql postgres;
  private static PublisherService publisher;
  private static Sender sender;

  private final int number = NUMBER.incrementAndGet();
  private final String id = "r-" + number;
  private final RequestHash hash = RequestHash.of("%08x".formatted(number).repeat(8));
  private final JobId job = JobId.of("simulation", hash, 7);

  @BeforeAll
  static void start() {
    postgres = EmbeddedPostgreSql.start(folder.resolve("postgres"), 0);
    flags =
        Map.of(
            CommonConfig.BOOTSTRAP_SERVERS, BROKER.bootstrapServers(),
            CommonConfig.TOPIC_PREFIX, BROKER.topicPrefix(),
            CommonConfig.BLOBS_DIR, folder.resolve("blobs").toString(),
            PublisherConfig.HTTP_PORT, "0",
            PublisherConfig.STREAMS_KEEP_ALIVE_MS, "300",
            PublisherConfig.HISTORY_URL, postgres.jdbcUrl(),
            PublisherConfig.HISTORY_USER, postgres.user(),
            PublisherConfig.HISTORY_PASSWORD, postgres.password());
    var settings =
        Settings.load(PublisherConfig.def(), new Settings.Sources(Map.of(), Map.of(), flags));
    topics = new Topics(BROKER.topicPrefix());
    clients = new KafkaClients(settings);
    try (var admin = new TopicAdmin(clients, topics, settings, Clock.systemUTC())) {
      assertThat(admin.create()).isNotEmpty();
    }
    sender = new Sender(clients.producer("test"));
    publisher =
        PublisherService.start(
            PublisherConfig.from(settings),
            settings,
            Resources.system(),
            Optional.of(KnownLedgers::new));
    await().atMost(Duration.ofSeconds(20)).until(publisher::ready);
  }

  @AfterAll
  static void stop() {
    publisher.close();
    publisher.close();
    sender.close();
    postgres.close();
    HTTP.close();
  }

  @Test
  void a_submitted_request_is_produced_and_known_at_once() throws Exception {
    var answer = post("/v1/requests", request(id, "cmp_1").put("tier", "pro"));

    assertThat(answer.statusCode()).isEqualTo(202);
    assertThat(answer.headers().firstValue("location")).contains("/v1/requests/" + id);
    assertThat(json(answer).get("status").asText()).isEqualTo("queued");
    assertThat(json(get("/v1/requests/" + id)).get("status").asText()).isEqualTo("queued");
    assertThat(produced(topics.requests(Tier.PRO), it -> it.path("requestId").asText().equals(id)))
        .hasSize(1);
  }

  @Test
  void a_request_without_an_id_is_given_one() throws Exception {
    var answer = json(post("/v1/requests", request(null, "cmp_2")));

    var given = answer.get("requestId").asText();
    assertThat(given).hasSize(36);
    assertThat(
            produced(topics.requests(Tier.FREE), it -> it.path("requestId").asText().equals(given)))
        .hasSize(1);
  }

  @Test
  void whoever_waits_gets_the_completion() throws Exception {
    var accepted = json(post("/v1/requests", request(id, "cmp_3")));
    var asked = RequestHash.of(accepted.get("requestHash").asText());
    var waiting =
        HTTP.sendAsync(
            call("/v1/requests")
                .header("Prefer", "wait=30")
                .POST(BodyPublishers.ofString(request(id, "cmp_3").toString()))
                .build(),
            BodyHandlers.ofString());
    await()
        .until(() ->
            produced(topics.requests(Tier.FREE), it -> it.path("requestId").asText().equals(id))
                    .size()
                == 2);
    send(topics.completions(), id, completion(asked, Status.COMPLETED));

    var answer = waiting.get(20, TimeUnit.SECONDS);

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("preference-applied")).contains("wait=30");
    assertThat(json(answer).get("result").asText()).isEqualTo("the answer");
  }

  @Test
  void a_wait_that_is_over_answers_that_it_goes_on() throws Exception {
    var answer =
        HTTP.send(
            call("/v1/requests")
                .header("Prefer", "wait=1")
                .POST(BodyPublishers.ofString(request(id, "cmp_4").toString()))
                .build(),
            BodyHandlers.ofString());

    assertThat(answer.statusCode()).isEqualTo(202);
  }

  @Test
  void the_same_id_with_another_body_is_a_conflict() throws Exception {
    assertThat(post("/v1/requests", request(id, "cmp_5")).statusCode()).isEqualTo(202);
    assertThat(post("/v1/requests", request(id, "cmp_5")).statusCode()).isEqualTo(202);

    var answer = post("/v1/requests", request(id, "cmp_6"));

    assertThat(answer.statusCode()).isEqualTo(409);
    assertProblem(answer, "E_CONFLICT");
  }

  @Test
  void a_bad_request_is_answered_with_the_code_of_the_rejected_topic() throws Exception {
    assertProblem(post("/v1/requests", "{\"type\":\"simulation\""), "E_JSON");
    assertProblem(post("/v1/requests", "[]"), "E_NOT_OBJECT");
    assertProblem(post("/v1/requests", "{\"type\":\"simulatoin\",\"params\":{}}"), "E_TYPE");
    var long257 = "{\"type\":\"" + "x".repeat(257 * 1024) + "\"}";
    var tooLong = post("/v1/requests", long257);
    assertThat(tooLong.statusCode()).isEqualTo(413);
    assertProblem(tooLong, "E_SIZE");
  }

  @Test
  void a_request_is_followed_from_dispatch_to_its_end() throws Exception {
    send(topics.decisions(), id, decision(1, DecisionKind.DISPATCHED, id));
    send(topics.decisions(), job.value(), decision(2, DecisionKind.STARTED, null));
    send(topics.progress(), job.value(), progress(3, 42));
    await()
        .untilAsserted(() -> {
          var seen = json(get("/v1/requests/" + id));
          assertThat(seen.path("status").asText()).isEqualTo("processing");
          assertThat(seen.path("progress").asInt()).isEqualTo(42);
          assertThat(seen.path("jobId").asText()).isEqualTo(job.value());
        });
    assertThat(json(get("/v1/jobs/" + job)).get("message").asText()).isEqualTo("scenario 1 of 2");

    send(topics.completions(), id, completion(hash, Status.COMPLETED));
    await()
        .untilAsserted(() ->
            assertThat(json(get("/v1/requests/" + id)).path("status").asText())
                .isEqualTo("completed"));

    await()
        .untilAsserted(() ->
            assertThat(json(get("/v1/requests?q=" + job)).findValuesAsText("requestId"))
                .contains(id));
    var part =
        HTTP.send(
            call("/v1/requests/" + id + "/result").header("Range", "bytes=1-3").GET().build(),
            BodyHandlers.ofString());
    assertThat(part.statusCode()).isEqualTo(206);
    assertThat(part.body()).isEqualTo("the");
  }

  @Test
  void a_large_result_comes_from_the_blob_store() throws Exception {
    var large = ("\"" + "x".repeat(100_000) + "\"").getBytes(StandardCharsets.UTF_8);
    var ref = new FileBlobStore(folder.resolve("blobs"), Clock.systemUTC()).put(large);
    var end = completion(hash, Status.COMPLETED);
    send(topics.completions(), id, byReference(end, ref, large.length));

    await()
        .untilAsserted(
            () -> assertThat(get("/v1/requests/" + id + "/result").body()).hasSize(large.length));
  }

  @Test
  void who_wants_a_large_result_that_is_gone_is_told_how_to_get_it_again() throws Exception {
    var end = completion(hash, Status.COMPLETED);
    send(topics.completions(), id, byReference(end, "2026-11-20/" + Sha256.hex(id), 100_000));
    await().until(() -> get("/v1/requests/" + id + "/result").statusCode() == 410);

    var gone = get("/v1/requests/" + id + "/result");

    assertProblem(gone, "E_NOT_FOUND");
    assertThat(json(gone).path("next").asText()).contains("cache.mode refresh");
  }

  @Test
  void reads_have_entity_tags() throws Exception {
    send(topics.completions(), id, completion(hash, Status.COMPLETED));
    await().until(() -> get("/v1/requests/" + id).statusCode() == 200);
    await().until(() -> json(get("/v1/requests?q=" + id)).path("items").size() == 1);
    var etag = get("/v1/requests/" + id).headers().firstValue("etag").orElseThrow();

    var again =
        HTTP.send(
            call("/v1/requests/" + id).header("If-None-Match", etag).GET().build(),
            BodyHandlers.ofString());

    assertThat(again.statusCode()).isEqualTo(304);
    assertThat(again.body()).isEmpty();
  }

  @Test
  void a_rejected_request_is_in_the_history() throws Exception {
    var headers =
        Map.of(
            HeaderNames.ERROR_CODE, "E_SCHEMA",
            HeaderNames.ERROR_MESSAGE, "missing",
            HeaderNames.ERROR_FIELD, "params",
            HeaderNames.ERROR_TOPIC, topics.requests(Tier.PRO).name(),
            HeaderNames.ERROR_PARTITION, "0",
            HeaderNames.ERROR_OFFSET, "999");
    for (int i = 0; i < 2; i++) {
      sender
          .send(
              topics.rejected().name(),
              null,
              null,
              ("{\"requestId\":\"" + id + "\",\"type\":7}").getBytes(StandardCharsets.UTF_8),
              headers)
          .get(10, TimeUnit.SECONDS);
    }

    await()
        .untilAsserted(() ->
            assertThat(
                    json(get("/v1/requests?status=rejected&q=" + id))
                        .path("items")
                        .findValuesAsText("requestId"))
                .containsExactly(id));
    assertThat(json(get("/v1/requests/" + id)).at("/rejection/code").asText())
        .isEqualTo("E_SCHEMA");
  }

  @Test
  void a_record_that_does_not_decode_is_set_aside_and_stops_nobody() throws Exception {
    sender
        .send(
            topics.completions().name(),
            0,
            "x",
            "not json".getBytes(StandardCharsets.UTF_8),
            Map.of())
        .get(10, TimeUnit.SECONDS);
    sender
        .send(topics.completions(), 0, id, completion(hash, Status.FAILED), Map.of())
        .get(10, TimeUnit.SECONDS);

    await()
        .untilAsserted(() ->
            assertThat(json(get("/v1/requests?q=" + id)).path("items").findValuesAsText("status"))
                .contains("failed"));
    await()
        .until(
            () -> !producedHeaders(HeaderNames.ERROR_TOPIC, topics.completions().name()).isEmpty());
  }

  @Test
  void pages_go_on_by_their_cursor_and_only_in_the_same_list() throws Exception {
    var organization = "org_pages";
    for (int i = 0; i < 12; i++) {
      var hashOfOne = RequestHash.of("%064x".formatted(1_000 + i));
      send(
          topics.completions(),
          "page-" + i,
          of(completion(hashOfOne, Status.COMPLETED), "page-" + i, organization));
    }
    var list = "/v1/requests?limit=10&organizationId=" + organization;
    await().until(() -> json(get(list)).path("hasMore").asBoolean());
    await().until(() -> json(get(list + "&q=page-11")).path("items").size() == 1);

    var seen = new ArrayList<String>();
    var first = json(get(list));
    first.path("items").forEach(item -> seen.add(item.path("requestId").asText()));
    var cursor = first.path("lastKey").asText();
    var second = json(get(list + "&cursor=" + cursor));
    second.path("items").forEach(item -> seen.add(item.path("requestId").asText()));

    assertThat(seen).doesNotHaveDuplicates().hasSize(12);
    assertThat(second.path("hasMore").asBoolean()).isFalse();
    assertThat(second.path("lastKey").isNull()).isTrue();
    assertProblem(get("/v1/requests?organizationId=other&cursor=" + cursor), "E_CURSOR");
    assertProblem(get("/v1/requests?cursor=nonsense"), "E_CURSOR");
    assertProblem(get("/v1/requests?stauts=failed"), "E_UNKNOWN_FIELD");
    assertThat(get("/v1/requests?stauts=failed").body()).contains("did you mean 'status'");
  }

  @Test
  void a_joiner_sees_the_progress_of_the_job_and_the_stream_ends_with_the_request()
      throws Exception {
    var stream = listen("/v1/events?request=" + id, null);
    await().until(() -> stream.text().contains("retry:"));
    send(topics.decisions(), id, decision(1, DecisionKind.JOINED, id));
    await().until(() -> json(get("/v1/requests/" + id)).path("jobId").asText().equals(job.value()));
    send(topics.progress(), job.value(), progress(1, 10));
    await().until(() -> stream.text().contains("\"progress\":10"));
    send(topics.completions(), id, completion(hash, Status.COMPLETED));

    var text = stream.whole();

    assertThat(text).contains("event: job_progress", "\"requestIds\":[\"" + id + "\"]");
    assertThat(text.split("event: job_complete", -1)).hasSize(2);
    assertThat(text).contains("\nid: ");
  }

  @Test
  void whoever_listens_to_what_has_ended_is_told_at_once_and_then_to_stay_away() throws Exception {
    send(topics.completions(), id, completion(hash, Status.FAILED));
    await().until(() -> json(get("/v1/requests?q=" + id)).path("items").size() == 1);

    var text = listen("/v1/events?request=" + id, null).whole();

    assertThat(text).contains("event: job_failed", "it broke");
    var seen = text.lines().filter(line -> line.startsWith("id: ")).findFirst().orElseThrow();
    var again =
        HTTP.send(
            call("/v1/events?request=" + id)
                .header("Last-Event-ID", seen.substring(4))
                .GET()
                .build(),
            BodyHandlers.ofString());
    assertThat(again.statusCode()).isEqualTo(204);
  }

  @Test
  void a_listener_that_comes_back_gets_what_it_missed_once() throws Exception {
    var organization = "org_" + number;
    var first = listen("/v1/events?organizationId=" + organization, null);
    await().until(() -> first.text().contains("retry:"));
    send(topics.completions(), "a", of(completion(hash, Status.COMPLETED), "a", organization));
    await().until(() -> first.text().contains("\"requestId\":\"a\""));
    var seen =
        first.text().lines().filter(line -> line.startsWith("id: ")).findFirst().orElseThrow();
    first.close();
    send(topics.completions(), "b", of(completion(hash, Status.COMPLETED), "b", organization));
    await().until(() -> get("/v1/requests/b").statusCode() == 200);

    var second = listen("/v1/events?organizationId=" + organization, seen.substring(4));
    await().until(() -> second.text().contains("\"requestId\":\"b\""));
    send(topics.completions(), "c", of(completion(hash, Status.COMPLETED), "c", organization));
    await().until(() -> second.text().contains("\"requestId\":\"c\""));

    assertThat(second.text()).doesNotContain("\"requestId\":\"a\"");
    assertThat(second.text().split("\"requestId\":\"b\"", -1)).hasSize(2);
    await().until(() -> second.text().contains(": keep-alive"));
    second.close();
  }

  @Test
  void a_cancel_waits_for_every_partition() throws Exception {
    var answer =
        HTTP.sendAsync(call("/v1/requests/" + id).DELETE().build(), BodyHandlers.ofString());
    var command = awaitCommand("cancel", it -> it.path("requestId").asText().equals(id));
    answerCommand(command, 1);
    send(topics.decisions(), id, decision(1, DecisionKind.CANCELLED, id));

    var cancelled = answer.get(20, TimeUnit.SECONDS);

    assertThat(cancelled.statusCode()).isEqualTo(200);
    assertThat(json(cancelled).get("cancelled").asBoolean()).isTrue();
    assertThat(json(cancelled).get("tooLate").asBoolean()).isFalse();
  }

  @Test
  void a_cancel_after_the_end_is_too_late() throws Exception {
    var answer =
        HTTP.sendAsync(call("/v1/requests/" + id).DELETE().build(), BodyHandlers.ofString());
    var command = awaitCommand("cancel", it -> it.path("requestId").asText().equals(id));
    send(topics.decisions(), id, decision(1, DecisionKind.TOO_LATE, id));
    answerCommand(command, 1);

    assertThat(json(answer.get(20, TimeUnit.SECONDS)).get("tooLate").asBoolean()).isTrue();
  }

  @Test
  void operators_pause_lanes() throws Exception {
    var paused =
        HTTP.sendAsync(
            call("/v1/lanes/free/pause").POST(BodyPublishers.noBody()).build(),
            BodyHandlers.ofString());
    answerCommand(awaitCommand("pause", it -> true), 1);
    assertThat(json(paused.get(20, TimeUnit.SECONDS)).get("done").asBoolean()).isTrue();
    assertThat(json(get("/v1/lanes")).path("lanes")).hasSize(3);
    assertThat(get("/v1/lanes").statusCode()).isEqualTo(200);
    assertThat(
            HTTP.send(
                    call("/v1/lanes/fre/pause").POST(BodyPublishers.noBody()).build(),
                    BodyHandlers.ofString())
                .statusCode())
        .isEqualTo(404);
  }

  @Test
  void a_known_answer_is_given_when_the_broker_has_the_request_and_the_record_says_so()
      throws Exception {
    var body = "  { \"type\": \"simulation\", \"params\": {\"campaignId\": \"cmp_known\"} }";

    var answer =
        HTTP.send(
            call("/v1/requests")
                .header("Prefer", "wait=30")
                .POST(BodyPublishers.ofString(body))
                .build(),
            BodyHandlers.ofString());

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("preference-applied")).contains("wait=30");
    var completion = Json.MAPPER.readValue(answer.body(), Completion.class);
    assertThat(completion.source()).isEqualTo(Source.CACHED);
    assertThat(completion.result()).isEqualTo(Json.MAPPER.createObjectNode().put("answer", 42));
    assertThat(completion.savedMs()).isEqualTo(1_500);
    assertThat(completion.completedAt()).isEqualTo(KnownLedgers.AT);
    assertThat(answered(completion.requestId())).contains(String.valueOf(completion.jobId()));

    var unasked = json(post("/v1/requests", request(id, "cmp_known")));
    assertThat(unasked.get("status").asText()).isEqualTo("queued");
    assertThat(answered(id)).isEmpty();
  }

  /// The job a produced request says it was answered by.
  private static Optional<String> answered(String requestId) {
    var found = new ArrayList<@Nullable String>();
    readAll(
        topics.requests(Tier.FREE).name(),
        record -> {
          if (new String(record.value(), StandardCharsets.UTF_8).contains(requestId)) {
            found.add(HeaderNames.text(record.headers(), HeaderNames.ANSWERED));
          }
        });
    assertThat(found).hasSize(1);
    return Optional.ofNullable(found.getFirst());
  }

  @Test
  void the_cache_is_looked_into_and_what_it_holds_is_invalidated() throws Exception {
    var entry = json(get("/v1/cache/" + KnownLedgers.ENTRY));
    assertThat(entry.path("flight").path("state").asText()).isEqualTo("queued");
    assertProblem(get("/v1/cache/" + hash), "E_NOT_FOUND");
    assertProblem(get("/v1/cache/abc"), "E_ID");
    assertProblem(get("/v1/cache/stats"), "E_UNAVAILABLE");

    var counted =
        HTTP.sendAsync(
            call("/v1/cache/invalidate")
                .POST(
                    BodyPublishers.ofString(
                        "{\"tagPrefix\":\"campaign:%d-\",\"dryRun\":true}".formatted(number)))
                .build(),
            BodyHandlers.ofString());
    var prefix = "campaign:%d-".formatted(number);
    answerCommand(
        awaitCommand("invalidate", it -> it.path("tagPrefix").asText().equals(prefix)), 3, 250L);
    var answer = json(counted.get(20, TimeUnit.SECONDS));
    assertThat(answer.path("found").asLong()).isEqualTo(3);
    assertThat(answer.path("recomputeMs").asLong()).isEqualTo(1_000);

    assertProblem(post("/v1/cache/invalidate", "{}"), "E_COMMAND");
    assertProblem(post("/v1/cache/invalidate", "{\"tga\":\"x\"}"), "E_UNKNOWN_FIELD");
  }

  @Test
  void a_warm_up_is_produced_as_a_command_and_answered_with_what_became_of_it() throws Exception {
    var campaign = "cmp_warm_" + number;
    var asked =
        HTTP.sendAsync(
            call("/v1/cache/warm-up")
                .POST(
                    BodyPublishers.ofString(
                        "{\"requests\":[{\"request\":%s,\"result\":7}]}"
                            .formatted(request(null, campaign))))
                .build(),
            BodyHandlers.ofString());
    var command = awaitCommand("warm-up", it -> it.toString().contains(campaign));
    assertThat(command.at("/requests/0/request/params").size()).isEqualTo(1);
    assertThat(command.at("/requests/0/result").asInt()).isEqualTo(7);
    answerCommand(command, 1, null, new Receipt.WarmUp(0, 1, 0, 0));

    var answer = json(asked.get(20, TimeUnit.SECONDS));

    assertThat(answer.path("found").asLong()).isEqualTo(1);
    assertThat(answer.at("/warmUp/stored").asLong()).isEqualTo(4);
    var wrong =
        post(
            "/v1/cache/warm-up",
            "{\"requests\":[{\"request\":%s},{\"request\":{\"type\":\"simulatoin\"}}]}"
                .formatted(request(null, campaign)));
    assertProblem(wrong, "E_TYPE");
    assertThat(json(wrong).path("field").asText()).isEqualTo("requests[1].request.type");
    var one = "{\"requests\":[{\"request\":{\"type\":\"%s\"}}]}".formatted("x".repeat(70_000));
    assertThat(json(post("/v1/cache/warm-up", one)).path("next").asText())
        .as("one alone cannot be sent in parts")
        .doesNotContain("fewer");
    assertProblem(post("/v1/cache/warm-up", "{}"), "E_COMMAND");
    assertProblem(post("/v1/cache/warm-up", "{\"request\":[]}"), "E_UNKNOWN_FIELD");
    assertProblem(post("/v1/cache/warm-up", "{\"history\":{\"limit\":0}}"), "E_SCHEMA");
    assertProblem(
        post("/v1/cache/warm-up", "{\"history\":{\"organizationId\":\"nobody\"}}"), "E_NOT_FOUND");
  }

  @Test
  void a_warm_up_that_becomes_too_long_a_command_is_refused_at_the_door() throws Exception {
    var warm = Json.MAPPER.createObjectNode();
    var requests = warm.putArray("requests");
    for (int i = 0; i < 5; i++) {
      var item = requests.addObject();
      item.set("request", request(null, "cmp_long_" + number + "_" + i));
      item.put("result", i == 0 ? "" : "x".repeat(60_000));
    }
    int left = 256 * 1024 - warm.toString().length();
    ((ObjectNode) requests.get(0)).put("result", "x".repeat(left));

    var answer = post("/v1/cache/warm-up", warm.toString());

    assertThat(answer.statusCode()).isEqualTo(413);
    assertProblem(answer, "E_SIZE");
    assertThat(produced(topics.commands(), it -> it.toString().contains("cmp_long_" + number)))
        .isEmpty();
  }

  @Test
  void pages_of_other_sites_are_kept_out() throws Exception {
    var foreign =
        HTTP.send(
            call("/v1/requests")
                .header("Origin", "https://evil.example")
                .POST(BodyPublishers.ofString(request(id, "cmp_7").toString()))
                .build(),
            BodyHandlers.ofString());

    assertThat(foreign.statusCode()).isEqualTo(403);
  }

  @Test
  void health_metrics_and_documents_are_served() throws Exception {
    assertThat(get("/health/live").statusCode()).isEqualTo(200);
    assertThat(json(get("/health/ready")).path("status").asText()).isEqualTo("ready");
    assertThat(json(get("/health/ready")).at("/dependencies/postgres/latencyMs").isNumber())
        .isTrue();
    assertThat(get("/metrics").body()).contains("publisher_streams");
    assertThat(get("/openapi.yaml").body()).startsWith("openapi:");
    assertThat(get("/").body()).contains("Millrace");
    assertProblem(get("/nothing/here"), "E_NOT_FOUND");
    assertProblem(get("/v1/requests/never-heard-of"), "E_NOT_FOUND");
    assertThat(
            HTTP.send(
                    call("/v1/lanes").PUT(BodyPublishers.noBody()).build(), BodyHandlers.ofString())
                .headers()
                .firstValue("allow"))
        .contains("GET, HEAD");
  }

  @Test
  void answers_are_compressed_for_those_who_take_it() throws Exception {
    var answer =
        HTTP.send(
            call("/openapi.yaml").header("Accept-Encoding", "gzip").GET().build(),
            BodyHandlers.ofByteArray());

    assertThat(answer.headers().firstValue("content-encoding")).contains("gzip");
  }

  /* What tests do. */

  private static HttpRequest.Builder call(String path) {
    return HttpRequest.newBuilder(URI.create(publisher.address() + path))
        .header("Content-Type", "application/json")
        .timeout(Duration.ofSeconds(40));
  }

  private static HttpResponse<String> get(String path) throws Exception {
    return HTTP.send(call(path).GET().build(), BodyHandlers.ofString());
  }

  private static HttpResponse<String> post(String path, Object body) throws Exception {
    return HTTP.send(
        call(path).POST(BodyPublishers.ofString(body.toString())).build(), BodyHandlers.ofString());
  }

  private static JsonNode json(HttpResponse<String> answer) throws Exception {
    return Json.MAPPER.readTree(answer.body());
  }

  private static void assertProblem(HttpResponse<String> answer, String code) throws Exception {
    assertThat(answer.headers().firstValue("content-type")).contains("application/problem+json");
    assertThat(json(answer).path("code").asText()).isEqualTo(code);
    assertThat(json(answer).path("status").asInt()).isEqualTo(answer.statusCode());
  }

  private static ObjectNode request(@Nullable String requestId, String campaign) {
    var request = Json.MAPPER.createObjectNode().put("type", "simulation");
    request.putObject("params").put("campaignId", campaign);
    if (requestId != null) {
      request.put("requestId", requestId);
    }
    return request;
  }

  private static <V> void send(Topic<V> topic, String key, V value) throws Exception {
    sender.send(topic, null, key, value, Map.of()).get(10, TimeUnit.SECONDS);
  }

  private static List<JsonNode> produced(Topic<?> topic, Predicate<JsonNode> wanted) {
    var found = new ArrayList<JsonNode>();
    readAll(
        topic.name(),
        record -> {
          try {
            var value = Json.MAPPER.readTree(record.value());
            if (wanted.test(value)) {
              found.add(value);
            }
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    return found;
  }

  private static List<String> producedHeaders(String header, String value) {
    var found = new ArrayList<String>();
    readAll(
        topics.rejected().name(),
        record -> {
          if (value.equals(HeaderNames.text(record.headers(), header))) {
            found.add(value);
          }
        });
    return found;
  }

  private static void readAll(
      String topic,
      java.util.function.Consumer<org.apache.kafka.clients.consumer.ConsumerRecord<byte[], byte[]>>
          each) {
    try (var consumer = clients.consumer(null, "test-reader", new HashMap<>())) {
      var partitions =
          consumer.partitionsFor(topic).stream()
              .map(it -> new TopicPartition(topic, it.partition()))
              .toList();
      consumer.assign(partitions);
      var ends = consumer.endOffsets(partitions);
      consumer.seekToBeginning(partitions);
      while (partitions.stream()
          .anyMatch(it -> consumer.position(it) < ends.getOrDefault(it, 0L))) {
        consumer.poll(Duration.ofMillis(100)).forEach(each);
      }
    }
  }

  private static JsonNode awaitCommand(String name, Predicate<JsonNode> wanted) {
    return await()
        .until(
            () ->
                produced(
                    topics.commands(),
                    it -> it.path("command").asText().equals(name) && wanted.test(it)),
            it -> !it.isEmpty())
        .getFirst();
  }

  private static void answerCommand(JsonNode command, long found) throws Exception {
    answerCommand(command, found, null);
  }

  private static void answerCommand(JsonNode command, long found, @Nullable Long recomputeMs)
      throws Exception {
    answerCommand(command, found, recomputeMs, null);
  }

  private static void answerCommand(
      JsonNode command, long found, @Nullable Long recomputeMs, Receipt.@Nullable WarmUp warmUp)
      throws Exception {
    var commandId = command.path("commandId").asText();
    assertThat(topics.commands().serde().read(Json.MAPPER.writeValueAsBytes(command)))
        .isInstanceOf(Command.class);
    for (int partition = 0; partition < 4; partition++) {
      send(
          topics.receipts(),
          commandId,
          new Receipt(
              commandId,
              partition,
              4,
              true,
              partition == 0 ? found : 0,
              recomputeMs,
              warmUp,
              null,
              Instant.now()));
    }
  }

  private Decision decision(long sequence, DecisionKind kind, @Nullable String requestId) {
    return new Decision(
        kind,
        requestId,
        null,
        hash,
        job,
        7L,
        kind == DecisionKind.STARTED ? "run-1" : null,
        "simulation",
        Tier.FREE,
        1,
        null,
        null,
        null,
        null,
        0,
        sequence,
        "t-0-" + sequence,
        Instant.now());
  }

  private Progress progress(long sequence, int percent) {
    return new Progress(
        Status.PROCESSING,
        percent,
        job,
        "simulation",
        Tier.FREE,
        1,
        "run-1",
        null,
        null,
        "scenario 1 of 2",
        null,
        sequence,
        hash,
        Instant.now());
  }

  private Completion completion(RequestHash of, Status status) {
    boolean completed = status == Status.COMPLETED;
    return new Completion(
        status,
        completed ? Source.COMPUTED : null,
        id,
        null,
        null,
        job,
        of,
        "simulation",
        Tier.FREE,
        1,
        3,
        5,
        0,
        completed ? TextNode.valueOf("the answer") : null,
        null,
        null,
        null,
        completed ? null : new Failure("HANDLER_FAILED", "it broke", false, 1),
        false,
        Instant.now());
  }

  private static Completion of(Completion end, String requestId, String organization) {
    return new Completion(
        end.status(),
        end.source(),
        requestId,
        organization,
        null,
        end.jobId(),
        end.requestHash(),
        end.type(),
        end.tier(),
        end.attempts(),
        end.waitMs(),
        end.runMs(),
        end.savedMs(),
        end.result(),
        null,
        null,
        null,
        end.error(),
        false,
        end.completedAt());
  }

  private static Completion byReference(Completion end, String ref, long bytes) {
    return new Completion(
        end.status(),
        end.source(),
        end.requestId(),
        null,
        null,
        end.jobId(),
        end.requestHash(),
        end.type(),
        end.tier(),
        end.attempts(),
        end.waitMs(),
        end.runMs(),
        end.savedMs(),
        null,
        ref,
        bytes,
        ref.substring(ref.indexOf('/') + 1),
        null,
        false,
        end.completedAt());
  }

  /// An open stream and what came so far.
  private record Listening(List<String> lines, CompletableFuture<?> done, Stream<String> source) {

    String text() {
      return String.join("\n", lines);
    }

    /// Everything, once the server has ended the stream.
    String whole() throws Exception {
      var _ = done.get(20, TimeUnit.SECONDS);
      return text();
    }

    void close() {
      source.close();
    }
  }

  private static Listening listen(String path, @Nullable String lastEventId) throws Exception {
    var call = call(path);
    if (lastEventId != null) {
      call.header("Last-Event-ID", lastEventId);
    }
    var answer = HTTP.send(call.GET().build(), BodyHandlers.ofLines());
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("content-type")).contains("text/event-stream");
    var lines = new CopyOnWriteArrayList<String>();
    var source = answer.body();
    var done =
        CompletableFuture.runAsync(
            () -> source.forEach(lines::add), task -> Thread.ofVirtual().start(task));
    return new Listening(lines, done, source);
  }
}
