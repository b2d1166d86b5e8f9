package dev.millrace.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.cli.Main;
import dev.millrace.contracts.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `up` dies by `kill -9` in the middle of its work and is started again on the same folder.
class EverythingKilledIT {

  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final HttpClient client = HttpClient.newHttpClient();

  @Test
  void history_cache_and_queue_survive_a_kill(@TempDir Path folder) throws Exception {
    try (var first = up(folder)) {
      var http = http(first);
      assertThat(ask(http, "known", "cmp_1", 1_000, "wait=60").path("source").asText())
          .isEqualTo("computed");
      assertThat(ask(http, "open", "cmp_2", 300_000, "").path("requestId").asText())
          .isEqualTo("open");
      await().atMost(PATIENCE).until(() -> !status(http, "open").isEmpty());

      first.kill();
    }

    try (var second = up(folder)) {
      var http = http(second);
      assertThat(status(http, "known")).isEqualTo("completed");
      assertThat(ask(http, "again", "cmp_1", 1_000, "wait=60").path("source").asText())
          .isEqualTo("cached");
      await().atMost(PATIENCE).until(() -> status(http, "open").equals("completed"));

      var process = ProcessHandle.of(second.pid()).orElseThrow();
      assertThat(process.destroy()).isTrue();
      assertThat(process.onExit()).succeedsWithin(Duration.ofSeconds(15));
    }
  }

  private static ChildJvm up(Path folder) throws IOException {
    return ChildJvm.start(
        Main.class, "up", "--json", "--http-port", "0", "--kafka-port", "0", "--data-dir", folder);
  }

  private static String http(ChildJvm up) throws IOException {
    var ready = Json.MAPPER.readTree(up.line());
    assertThat(ready.path("ready").asBoolean()).isTrue();
    return ready.path("http").asText();
  }

  private JsonNode ask(String http, String id, String campaign, int paths, String prefer)
      throws Exception {
    var body =
        """
        {"type":"simulation","requestId":"%s","params":{"campaignId":"%s","timeframeDays":60,"paths":%d}}
        """
            .formatted(id, campaign, paths);
    var request =
        HttpRequest.newBuilder(URI.create(http + "/v1/requests"))
            .header("content-type", "application/json")
            .POST(BodyPublishers.ofString(body));
    if (!prefer.isEmpty()) {
      request.header("Prefer", prefer);
    }
    var answer = client.send(request.build(), BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 202);
    return Json.MAPPER.readTree(answer.body());
  }

  private String status(String http, String id) throws Exception {
    var request = HttpRequest.newBuilder(URI.create(http + "/v1/requests/" + id)).build();
    var answer = client.send(request, BodyHandlers.ofString());
    return answer.statusCode() == 200
        ? Json.MAPPER.readTree(answer.body()).path("status").asText()
        : "";
  }
}
