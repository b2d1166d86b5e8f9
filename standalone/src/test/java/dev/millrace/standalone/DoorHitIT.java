package dev.millrace.standalone;

import static dev.millrace.standalone.Caller.PATIENCE;
import static dev.millrace.standalone.Caller.simulation;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.contracts.Completion;
import dev.millrace.contracts.Decision;
import dev.millrace.contracts.DecisionKind;
import dev.millrace.contracts.HeaderNames;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.Source;
import dev.millrace.contracts.Status;
import dev.millrace.contracts.Tier;
import dev.millrace.publisher.PublisherConfig;
import dev.millrace.publisher.PublisherService;
import dev.millrace.runtime.CommonConfig;
import dev.millrace.runtime.Resources;
import dev.millrace.runtime.Service;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// A publisher asks a cache-store in another process before it produces.
@Timeout(value = 3, unit = TimeUnit.MINUTES)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DoorHitIT {

  @RegisterExtension static final SharedBroker BROKER = new SharedBroker();

  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final AtomicInteger NUMBER = new AtomicInteger();

  @TempDir static Path folder;

  private static final List<Service> SERVICES = new ArrayList<>();
  private static EmbeddedPostgreSql postgres;
  private static PublisherService publisher;
  private static ChildJvm cacheStore;
  private static Caller caller;

  @BeforeAll
  static void start() throws IOException {
    postgres = EmbeddedPostgreSql.start(folder.resolve("postgres"), 0);
    var flags = new HashMap<String, String>();
    flags.put(CommonConfig.BOOTSTRAP_SERVERS, BROKER.bootstrapServers());
    flags.put(CommonConfig.TOPIC_PREFIX, BROKER.topicPrefix());
    flags.put(CommonConfig.BLOBS_DIR, folder.resolve("blobs").toString());
    flags.put(PublisherConfig.HTTP_PORT, "0");
    flags.put(PublisherConfig.HISTORY_URL, postgres.jdbcUrl());
    flags.put(PublisherConfig.HISTORY_USER, postgres.user());
    flags.put(PublisherConfig.HISTORY_PASSWORD, postgres.password());
    var settings = Installation.cluster(flags);
    var resources = Resources.system();
    cacheStore = cacheStore();
    SERVICES.add(Part.INTAKE.start(settings, resources));
    SERVICES.add(Part.WORKERS.start(settings, resources));
    publisher =
        PublisherService.start(
            PublisherConfig.from(settings), settings, resources, Optional.empty());
    SERVICES.add(publisher);
    caller = Caller.of(BROKER.bootstrapServers(), BROKER.topicPrefix());
    await().atMost(PATIENCE).until(() -> SERVICES.stream().allMatch(Service::ready));
  }

  @AfterAll
  static void stop() throws IOException {
    caller.close();
    SERVICES.forEach(Service::close);
    cacheStore.close();
    postgres.close();
    HTTP.close();
  }

  @Test
  @Order(1)
  void a_known_answer_is_given_at_the_door_and_the_request_ends_once() throws Exception {
    var computed = computed("cmp_known");

    var atTheDoor = askUntilAnsweredAtTheDoor("cmp_known");

    assertThat(atTheDoor.status()).isEqualTo(Status.COMPLETED);
    assertThat(atTheDoor.source()).isEqualTo(Source.CACHED);
    assertThat(atTheDoor.jobId()).isEqualTo(computed.jobId());
    assertThat(atTheDoor.result()).isEqualTo(computed.result());
    assertThat(atTheDoor.savedMs()).isEqualTo(computed.runMs());

    var end = caller.end(atTheDoor.requestId());
    assertThat(end.source()).isEqualTo(Source.CACHED);
    assertThat(end.jobId()).isEqualTo(computed.jobId());
    assertThat(end.result()).isEqualTo(computed.result());
    assertThat(caller.decisions(DecisionKind.HIT, computed.requestHash()))
        .filteredOn(decision -> atTheDoor.requestId().equals(decision.requestId()))
        .singleElement()
        .extracting(Decision::reason)
        .isEqualTo("answered");
    assertThat(caller.decisions(DecisionKind.STARTED, computed.requestHash())).hasSize(1);
  }

  @Test
  @Order(2)
  void what_is_invalidated_is_not_given_once_the_receipts_are_there() throws Exception {
    var computed = computed("cmp_untrue");
    var _ = askUntilAnsweredAtTheDoor("cmp_untrue");

    var receipt = call("/v1/cache/invalidate", "{\"tag\":\"campaign:cmp_untrue\"}", null);
    assertThat(receipt.statusCode()).isEqualTo(200);

    assertThat(computed("cmp_untrue").jobId()).isNotEqualTo(computed.jobId());
  }

  @Test
  @Order(3)
  void what_the_cache_holds_and_did_can_be_looked_at() throws Exception {
    var completion = ask("cmp_known");

    var entry = get("/v1/cache/" + completion.requestHash());
    assertThat(entry.path("type").asText()).isEqualTo("simulation");
    assertThat(entry.at("/answer/status").asText()).isEqualTo("fresh");
    assertThat(entry.at("/answer/jobId").asText()).isEqualTo(completion.jobId().value());
    assertThat(entry.at("/answer/tags").toString()).contains("campaign:cmp_known");

    var stats = get("/v1/cache/stats");
    assertThat(stats.path("hits").asLong()).isPositive();
    assertThat(stats.path("misses").asLong()).isPositive();
    assertThat(stats.path("hitRate").asDouble()).isBetween(0.0, 1.0);
    assertThat(stats.at("/layers/0/hits").asLong()).isPositive();
    assertThat(stats.at("/layers/1/layer").asText()).isEqualTo("memory");
    assertThat(stats.at("/layers/1/hits").asLong()).isPositive();
    assertThat(stats.at("/layers/1/bytes").asLong()).isPositive();
    assertThat(stats.at("/layers/2/layer").asText()).isEqualTo("ledger");
    assertThat(stats.at("/layers/2/hits").asLong()).isPositive();
    assertThat(stats.at("/instances/0/partitions")).hasSize(4);
  }

  @Test
  @Order(4)
  void a_forged_word_of_the_door_is_ignored() {
    var request = simulation("forged", "cmp_forged");
    caller
        .sender()
        .send(
            caller.topics().requests(Tier.FREE).name(),
            null,
            null,
            request.toString().getBytes(StandardCharsets.UTF_8),
            Map.of(HeaderNames.ANSWERED, "simulation:0123456789abcdef:1"))
        .join();

    assertThat(caller.end("forged").source()).isEqualTo(Source.COMPUTED);
  }

  @Test
  @Order(5)
  void a_request_is_explained() throws Exception {
    var atTheDoor = askUntilAnsweredAtTheDoor("cmp_known");
    var path = "/v1/requests/" + atTheDoor.requestId() + "/explain";

    var explained =
        await()
            .atMost(PATIENCE)
            .until(
                () -> get(path),
                it -> it.has("identity") && it.has("source") && !it.path("decisions").isEmpty());

    assertThat(explained.path("source").asText()).isEqualTo("cached");
    assertThat(explained.at("/identity/recipeVersion").asInt()).isPositive();
    assertThat(explained.at("/identity/canonicalParams").asText())
        .contains("\"campaignId\":\"cmp_known\"");
    assertThat(explained.at("/identity/leftOut/0/field").asText()).isEqualTo("requestId");
    assertThat(explained.at("/cache/atTheDoor").asBoolean()).isTrue();
    assertThat(explained.at("/cache/answer/status").asText()).isEqualTo("fresh");
    assertThat(explained.at("/before/decision").asText()).isEqualTo("HIT");
    var kinds = explained.path("decisions").findValuesAsText("decision");
    assertThat(kinds).startsWith("DISPATCHED", "STARTED", "SUCCEEDED").endsWith("HIT");
    assertThat(explained.at("/nearest/summary").asText()).isEqualTo("differs only in `campaignId`");
    assertThat(explained.path("notes")).isEmpty();
  }

  @Test
  @Order(6)
  void without_the_cache_store_a_request_goes_the_long_way() throws Exception {
    var _ = askUntilAnsweredAtTheDoor("cmp_known");
    cacheStore.kill();

    var id = "lonely-" + NUMBER.incrementAndGet();
    var answer = call("/v1/requests", simulation(id, "cmp_known").toString(), "wait=1");
    assertThat(answer.statusCode()).isEqualTo(202);
    assertThat(answeredBy(id)).isNull();

    cacheStore = cacheStore();
    assertThat(caller.end(id).source()).isEqualTo(Source.CACHED);
  }

  private static Completion computed(String campaign) throws Exception {
    var completion = ask(campaign);
    assertThat(completion.source()).isEqualTo(Source.COMPUTED);
    return completion;
  }

  /// The first reads find a ledger that does not commit for readers yet.
  private static Completion askUntilAnsweredAtTheDoor(String campaign) {
    return await()
        .atMost(PATIENCE)
        .until(
            () -> ask(campaign),
            completion -> {
              var answered = answeredBy(completion.requestId());
              return answered != null && answered.equals(String.valueOf(completion.jobId()));
            });
  }

  /// The job whose answer the door says it gave.
  private static @Nullable String answeredBy(String requestId) {
    var produced =
        await()
            .atMost(PATIENCE)
            .until(
                () ->
                    caller.recording().records(caller.topics().requests(Tier.FREE)).stream()
                        .filter(record ->
                            json(record.value()).path("requestId").asText().equals(requestId))
                        .toList(),
                records -> !records.isEmpty());
    return Caller.header(produced.getFirst(), HeaderNames.ANSWERED);
  }

  private static Completion ask(String campaign) throws Exception {
    ObjectNode request = simulation("door-" + NUMBER.incrementAndGet(), campaign);
    var answer = call("/v1/requests", request.toString(), "wait=60");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return Json.MAPPER.readValue(answer.body(), Completion.class);
  }

  private static HttpResponse<String> call(String path, String body, @Nullable String prefer)
      throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create(publisher.address() + path))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body));
    if (prefer != null) {
      request.header("Prefer", prefer);
    }
    return HTTP.send(request.build(), BodyHandlers.ofString());
  }

  private static JsonNode get(String path) throws Exception {
    var request = HttpRequest.newBuilder(URI.create(publisher.address() + path)).build();
    var answer =
        await()
            .atMost(PATIENCE)
            .until(() -> HTTP.send(request, BodyHandlers.ofString()), it -> it.statusCode() == 200);
    return Json.MAPPER.readTree(answer.body());
  }

  private static JsonNode json(byte[] value) {
    try {
      return Json.MAPPER.readTree(value);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static ChildJvm cacheStore() throws IOException {
    var child =
        ChildJvm.start(
            CommandLineChild.class,
            "cache-store",
            "--json",
            "--bootstrap-server",
            BROKER.bootstrapServers(),
            "--set",
            CommonConfig.TOPIC_PREFIX + "=" + BROKER.topicPrefix(),
            "--set",
            "state.dir=" + folder.resolve("state"));
    assertThat(child.line()).contains("\"ready\":true");
    return child;
  }
}
