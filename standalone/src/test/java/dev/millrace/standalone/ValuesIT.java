package dev.millrace.standalone;

import static dev.millrace.standalone.Caller.simulation;
import static dev.millrace.standalone.Caller.sleeping;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.client.Keep;
import dev.millrace.client.Kept;
import dev.millrace.client.Key;
import dev.millrace.client.Keys;
import dev.millrace.client.Values;
import dev.millrace.client.ValuesException;
import dev.millrace.contracts.DecisionKind;
import dev.millrace.contracts.Json;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The key/value cache as its callers see it over HTTP, and through the Java client.
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class ValuesIT {

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TempDir static Path folder;

  private static Standalone standalone;
  private static Caller caller;
  private static Values client;

  @BeforeAll
  static void start() throws InterruptedException {
    standalone = Installation.start(folder, Map.of());
    caller = Caller.of(standalone);
    client = Values.at(URI.create(standalone.http()));
  }

  @AfterAll
  static void stop() {
    client.close();
    caller.close();
    standalone.close();
    HTTP.close();
  }

  private record Answer(int status, JsonNode body) {}

  @Test
  void a_value_is_kept_found_and_forgotten() throws Exception {
    var path = "/v1/values/workspace:ws_3/user:usr_7";
    assertThat(call("GET", path, "").status()).isEqualTo(404);
    assertThat(call("PUT", path, "{'value':{'name':'Ana'},'ttl':'day'}").body().path("found"))
        .hasToString("false");

    assertThat(call("HEAD", path, "").status()).isEqualTo(200);
    var kept = call("GET", path, "");
    assertThat(kept.body().path("value")).hasToString("{\"name\":\"Ana\"}");
    assertThat(kept.body().has("expiresAt")).isTrue();

    assertThat(call("DELETE", path, "").body().path("found")).hasToString("true");
    assertThat(call("HEAD", path, "").status()).isEqualTo(404);
  }

  @Test
  void several_keys_are_answered_as_one_whatever_partitions_keep_them() throws Exception {
    command("{'op':'mset','namespace':'many','values':{'p:a':1,'p:b':2,'p:c':3,'q':4}}");
    assertThat(
            command("{'op':'mget','namespace':'many','keys':['p:a','p:b','p:c','q','none']}")
                .body()
                .path("values"))
        .isEqualTo(Json.MAPPER.readTree("{\"p:a\":1,\"p:b\":2,\"p:c\":3,\"q\":4}"));

    command("{'op':'delete-prefix','namespace':'many','prefix':'p:'}");
    assertThat(
            command("{'op':'mget','namespace':'many','keys':['p:a','p:b','p:c','q']}")
                .body()
                .path("values"))
        .hasToString("{\"q\":4}");
  }

  @Test
  void a_command_sent_again_counts_once() throws Exception {
    var hit =
        "{'op':'increment','namespace':'n','key':'hits','windowMs':60000,'commandId':'hit-1'}";
    assertThat(command(hit).body().path("value")).hasToString("1");
    assertThat(command(hit).body().path("value")).hasToString("1");
    assertThat(command(hit.replace("hit-1", "hit-2")).body().path("value")).hasToString("2");
  }

  @Test
  void a_missing_value_is_computed_once_and_kept() throws Exception {
    var path = "/v1/values/n/forecast:cmp_kept/compute";
    var body = "{\"request\":" + simulation("kept-1", "cmp_kept") + "}";

    var computed = call("POST", path, body);
    var kept = call("POST", path, body.replace("kept-1", "kept-2"));

    assertThat(computed.status()).isEqualTo(200);
    assertThat(computed.body().path("found")).hasToString("false");
    assertThat(kept.body().path("found")).hasToString("true");
    var value = computed.body().path("value");
    assertThat(kept.body().path("value").equals(ValuesIT::byNumber, value)).isTrue();
    assertThat(value.path("campaignId").asText()).isEqualTo("cmp_kept");
    assertThat(caller.end("kept-1").result()).isNotNull();
    assertThat(caller.decisions(DecisionKind.DISPATCHED))
        .as("nobody asked the ledger again")
        .filteredOn(decision -> "kept-2".equals(decision.requestId()))
        .isEmpty();
  }

  private record Session(String userId, List<String> roles) {}

  @Test
  void a_java_client_keeps_typed_values() {
    var sessions = client.namespace("sessions", Session.class);
    var key = Keys.session("s 1");
    var ana = new Session("usr_7", List.of("admin"));
    var ben = new Session("usr_8", List.of());

    assertThat(sessions.get(key)).isEmpty();
    assertThat(sessions.exists(key)).isFalse();
    assertThat(sessions.set(key, ana, Keep.DAY)).isFalse();
    assertThat(sessions.get(key).orElseThrow().value()).isEqualTo(ana);
    assertThat(sessions.get(key).orElseThrow().expiresAt()).isNotNull();
    assertThat(sessions.setIfAbsent(key, ben, Keep.SHORT)).contains(ana);
    assertThat(sessions.set(key, ben, Keep.FOR_EVER)).isTrue();
    assertThat(sessions.get(key)).contains(new Kept<>(ben, null));
    assertThat(sessions.exists(key)).isTrue();
    assertThat(sessions.getOrSet(key, Keep.DAY, () -> ana)).isEqualTo(ben);
    assertThat(sessions.delete(key)).isTrue();
    assertThat(sessions.delete(key)).isFalse();
    assertThat(sessions.getOrSet(key, Keep.DAY, () -> ana)).isEqualTo(ana);
    assertThat(sessions.setIfAbsent(Keys.session("s-2"), ben, Keep.of(Duration.ofMinutes(1))))
        .isEmpty();
  }

  @Test
  void a_java_client_asks_for_several_and_forgets_what_is_below_a_key() {
    var lists = client.namespace("lists", new TypeReference<List<Integer>>() {});
    var one = Key.of("page", "a").with("size", 10);
    var two = Key.of("page", "a").with("size", 20);
    var other = Key.of("page", "ab");
    lists.setAll(Map.of(one, List.of(1), two, List.of(1, 2), other, List.of()), Keep.BY_POLICY);

    assertThat(lists.getAll(List.of(one, two, other, Key.of("page"))))
        .isEqualTo(Map.of(one, List.of(1), two, List.of(1, 2), other, List.of()));
    lists.deleteBelow(Key.of("page", "a"));
    assertThat(lists.getAll(List.of(one, two, other))).containsOnlyKeys(other);
    lists.deleteAll();
    assertThat(lists.exists(other)).isFalse();
  }

  @Test
  void a_java_client_counts_within_a_window() {
    var limits = client.namespace("limits", Long.class);
    var key = Keys.rateLimit("usr_7", "search");

    var first = limits.increment(key, 1, Duration.ofMinutes(1));
    var second = limits.increment(key, 41, Duration.ofMinutes(1));

    assertThat(first.value()).isOne();
    assertThat(second.value()).isEqualTo(42);
    assertThat(second.endsAt()).isNotNull().isEqualTo(first.endsAt());
    assertThat(limits.get(key).orElseThrow().value()).isEqualTo(42);
  }

  @Test
  void a_java_client_has_a_missing_value_computed() {
    var forecasts = client.namespace("forecasts", JsonNode.class);
    var key = Key.of("forecast", "cmp_client");
    var request = simulation("client-1", "cmp_client");

    var computed = forecasts.getOrCompute(key, request, Keep.DAY, Duration.ofSeconds(60));
    var again = forecasts.getOrCompute(key, request, Keep.DAY, Duration.ofSeconds(60));

    assertThat(computed.orElseThrow().path("campaignId").asText()).isEqualTo("cmp_client");
    assertThat(again.orElseThrow().equals(ValuesIT::byNumber, computed.orElseThrow())).isTrue();
    assertThat(forecasts.exists(key)).isTrue();
    assertThat(
            forecasts.getOrCompute(
                Key.of("slow"), sleeping("client-2", 20), Keep.DAY, Duration.ofSeconds(1)))
        .as("it goes on")
        .isEmpty();
  }

  @Test
  void a_java_client_says_what_was_wrong() throws Exception {
    var values = client.namespace("wrong", String.class);
    values.set(Key.of("text"), "text", Keep.DAY);

    assertThatThrownBy(() -> values.increment(Key.of("text"), 1))
        .isInstanceOfSatisfying(
            ValuesException.class,
            e -> {
              assertThat(e.status()).isEqualTo(409);
              assertThat(e.code()).isEqualTo("E_CONFLICT");
              assertThat(e.field()).isNull();
            });
    assertThatThrownBy(() -> values.set(Key.of("text"), "x", Keep.of(Duration.ofNanos(1))))
        .isInstanceOfSatisfying(
            ValuesException.class,
            e -> {
              assertThat(e.status()).isEqualTo(400);
              assertThat(e.field()).isEqualTo("ttlMs");
              assertThat(e).hasMessageStartingWith(e.code() + " ttlMs: ");
            });
    assertThatThrownBy(() -> client.namespace("wrong", Session.class).get(Key.of("text")))
        .isInstanceOfSatisfying(
            ValuesException.class, e -> assertThat(e.code()).isEqualTo(ValuesException.UNREADABLE));
    int free;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = socket.getLocalPort();
    }
    try (var nobody = Values.at(URI.create("http://127.0.0.1:" + free))) {
      assertThatThrownBy(() -> nobody.namespace("n", String.class).get(Key.of("k")))
          .isInstanceOfSatisfying(
              ValuesException.class,
              e -> {
                assertThat(e.status()).isZero();
                assertThat(e.code()).isEqualTo(ValuesException.UNAVAILABLE);
              });
    }
  }

  @Test
  void what_cannot_be_done_is_a_problem_that_says_why() throws Exception {
    call("PUT", "/v1/values/n/text", "{'value':'text'}");
    var conflict = command("{'op':'increment','namespace':'n','key':'text'}");
    assertThat(conflict.status()).isEqualTo(409);
    assertThat(conflict.body().path("code").asText()).isEqualTo("E_CONFLICT");

    var unknown = call("PUT", "/v1/values/n/text", "{'value':1,'tll':'day'}");
    assertThat(unknown.status()).isEqualTo(400);
    assertThat(unknown.body().path("code").asText()).isEqualTo("E_UNKNOWN_FIELD");
    assertThat(unknown.body().path("field").asText()).isEqualTo("tll");

    var failed =
        call(
            "POST",
            "/v1/values/n/failed/compute",
            "{'request':{'type':'command','params':{'program':'rm'},'maxAttempts':1}}");
    assertThat(failed.status()).as("%s", failed.body()).isEqualTo(502);
  }

  /// A kept number may be spelled otherwise: 1 for 1.0.
  private static int byNumber(JsonNode one, JsonNode other) {
    if (one.isNumber() && other.isNumber()) {
      return one.decimalValue().compareTo(other.decimalValue());
    }
    return one.equals(other) ? 0 : 1;
  }

  private static Answer command(String json) throws Exception {
    return call("POST", "/v1/values", json);
  }

  private static Answer call(String method, String path, String json) throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create(standalone.http() + path))
            .header("Content-Type", "application/json")
            .method(method, BodyPublishers.ofString(json.replace('\'', '"')))
            .build();
    var response = HTTP.send(request, BodyHandlers.ofString());
    return new Answer(response.statusCode(), Json.MAPPER.readTree(response.body()));
  }
}
