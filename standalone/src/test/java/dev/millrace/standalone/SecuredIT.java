package dev.millrace.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.contracts.Completion;
import dev.millrace.contracts.DecisionKind;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.Source;
import dev.millrace.contracts.Status;
import dev.millrace.contracts.Tier;
import dev.millrace.runtime.Resources;
import dev.millrace.runtime.Settings.Sources;
import dev.millrace.security.Role;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Everything over a broker that lets in only whom it knows, each service in its own role.
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class SecuredIT {

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TempDir Path folder;

  @Test
  void a_request_goes_the_whole_way_and_after_a_restart_and_no_log_tells_a_password()
      throws Exception {
    try (var standalone = start(folder)) {
      try (var pro = Caller.of(standalone, Role.PRODUCER_PRO, Role.READER)) {
        pro.send(Tier.PRO, Caller.simulation("asked-over-kafka", "cmp_1"));
        assertThat(pro.end("asked-over-kafka").status()).isEqualTo(Status.COMPLETED);

        pro.send(Tier.PRO, Caller.simulation("asked-again", "cmp_1"));
        assertThat(pro.end("asked-again").source()).isEqualTo(Source.CACHED);

        pro.send(Tier.PRO, Caller.command("fails", "false").put("maxAttempts", 2));
        var failed = pro.end("fails");
        assertThat(failed.status()).isEqualTo(Status.FAILED);
        assertThat(failed.attempts()).isEqualTo(2);
        assertThat(pro.decisions(DecisionKind.RETRIED)).hasSize(1);
      }
      try (var operator = Caller.of(standalone, Role.OPERATOR, Role.READER);
          var free = Caller.of(standalone, Role.PRODUCER_FREE, Role.READER)) {
        free.send(Tier.FREE, Caller.sleeping("cancelled", 60));
        free.started("cancelled");
        assertThat(operator.cancel(null, "cancelled")).isEqualTo(1);
        assertThat(free.end("cancelled").status()).isEqualTo(Status.CANCELLED);
      }
      var asked = ask(standalone, "asked-over-http");
      assertThat(asked.path("status").asText()).isEqualTo("completed");
    }

    try (var logs = LogLines.all()) {
      try (var standalone = start(folder);
          var enterprise = Caller.of(standalone, Role.PRODUCER_ENTERPRISE, Role.READER)) {
        enterprise.send(Tier.ENTERPRISE, Caller.simulation("after-restart", "cmp_1"));

        assertThat(enterprise.end("after-restart").source()).isEqualTo(Source.CACHED);
        assertThat(enterprise.recording().values(enterprise.topics().completions()))
            .extracting(Completion::requestId)
            .doesNotHaveDuplicates();
      }
      var lines = logs.lines();
      assertThat(lines).anyMatch(line -> line.contains("sasl.jaas.config = [hidden]"));
      for (var password : passwords()) {
        assertThat(lines).noneMatch(line -> line.contains(password));
      }
    }
  }

  private List<String> passwords() throws IOException {
    var passwords =
        Files.readAllLines(folder.resolve("security/passwords.properties")).stream()
            .map(line -> line.substring(line.indexOf('=') + 1))
            .toList();
    assertThat(passwords).hasSize(Role.values().length + 2).allMatch(word -> word.length() > 20);
    return passwords;
  }

  private static Standalone start(Path folder) throws InterruptedException {
    var flags = Map.of("http.port", "0", "workers.command.allow", "sh,false");
    return Standalone.start(
        new Standalone.Options(folder, 0, new Sources(Map.of(), Map.of(), flags), true),
        Resources.system());
  }

  private static JsonNode ask(Standalone standalone, String requestId) throws Exception {
    var body = Caller.simulation(requestId, "cmp_http").put("tier", "free").toString();
    var request =
        HttpRequest.newBuilder(URI.create(standalone.http() + "/v1/requests"))
            .header("Prefer", "wait=30")
            .POST(BodyPublishers.ofString(body))
            .build();
    return Json.MAPPER.readTree(HTTP.send(request, BodyHandlers.ofString()).body());
  }
}
