package dev.millrace.standalone;

import static dev.millrace.standalone.Caller.simulation;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.contracts.DecisionKind;
import dev.millrace.contracts.Json;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The key/value cache as its callers see it over HTTP.
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class ValuesIT {

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
