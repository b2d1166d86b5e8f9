package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.cache.CacheConfig;
import dev.millrace.publisher.PublisherConfig;
import dev.millrace.runtime.Resources;
import dev.millrace.runtime.S3Server;
import dev.millrace.runtime.Settings.Sources;
import dev.millrace.standalone.LogLines;
import dev.millrace.standalone.Standalone;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Everything runs with secrets in all its settings, says all it can say, and tells none of them.
@Timeout(240)
class SecretsIT {

  /// Where a client may be given one; a client that has no use for it is given it all the same.
  private static final Map<String, String> OF_CLIENTS =
      Map.ofEntries(
          Map.entry(
              "sasl.jaas.config",
              "org.apache.kafka.common.security.scram.ScramLoginModule required"
                  + " username=\"u\" password=\"canary-jaas\";"),
          Map.entry("ssl.key.password", "canary-key-password"),
          Map.entry("ssl.keystore.password", "canary-keystore-password"),
          Map.entry("ssl.truststore.password", "canary-truststore-password"),
          Map.entry("sasl.oauthbearer.client.credentials.client.secret", "canary-oauth"),
          Map.entry("producer.ssl.key.password", "canary-producer"),
          Map.entry("consumer.ssl.key.password", "canary-consumer"),
          Map.entry("admin.ssl.key.password", "canary-admin"),
          Map.entry("streams.ssl.key.password", "canary-streams"),
          Map.entry("streams.producer.ssl.keystore.key", "canary-streams-producer"),
          Map.entry("streams.main.consumer.ssl.key.password", "canary-streams-consumer"));

  /// 32 bytes.
  private static final String ENCRYPTION_KEY = "Y2FuYXJ5LWVuY3J5cHRpb24ta2V5LW9mLTMyLWJ5dGU=";

  private static final String SIMULATION =
      """
      {"type":"simulation","params":{"campaignId":"cmp_1","paths":200}}
      """;

  /// One whose result goes to the bucket.
  private static final String LARGE =
      """
      {"type":"simulation","params":{"campaignId":"cmp_2","paths":100,"timeframeDays":365,
       "scenarios":[{"name":"base"},{"name":"b","budgetMultiplier":2},{"name":"c","budgetMultiplier":3},
        {"name":"d","budgetMultiplier":4},{"name":"e","budgetMultiplier":5},
        {"name":"f","budgetMultiplier":6},{"name":"g","budgetMultiplier":7},
        {"name":"h","budgetMultiplier":8}]}}
      """;

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TempDir Path folder;

  @Test
  void no_log_line_page_or_command_tells_a_secret() throws Exception {
    var settings = new HashMap<>(OF_CLIENTS);
    var keys = folder.resolve("keys");
    Files.writeString(keys, "canary=" + ENCRYPTION_KEY + "\n");
    settings.put(CacheConfig.KEYS, keys.toString());
    settings.put("http.port", "0");
    var data = folder.resolve("data");

    var said = new ArrayList<String>();
    Set<String> secrets;
    List<String> lines;
    try (var logs = LogLines.all();
        var s3 = S3Server.start(folder.resolve("buckets"))) {
      settings.putAll(s3.settings());
      var options = new Standalone.Options(data, 0, new Sources(settings, Map.of(), Map.of()));
      try (var standalone = Standalone.start(options, Resources.system())) {
        var password = standalone.settings().secret(PublisherConfig.HISTORY_PASSWORD).orElseThrow();
        secrets = Set.of("canary-", ENCRYPTION_KEY, password);
        said.add(ask(standalone, "/v1/requests", SIMULATION));
        said.add(ask(standalone, "/v1/requests", LARGE));
        for (var page : List.of("/metrics", "/health/ready", "/v1/cache/stats", "/v1/lanes", "/")) {
          said.add(ask(standalone, page, ""));
        }
        said.add(standalone.details().toString());
        said.addAll(commands(standalone, settings, password));
      }
      lines = logs.lines();
    }

    assertThat(said.getFirst()).contains("\"status\":\"completed\"");
    assertThat(said.get(1)).contains("\"resultRef\":\"2");
    assertThat(lines)
        .as("what the client of the bucket says")
        .anyMatch(line -> line.contains("Sending Request"));
    assertThat(lines)
        .as("what Kafka says of the settings it was given")
        .anyMatch(line -> line.contains("sasl.jaas.config = [hidden]"));
    for (var secret : secrets) {
      assertThat(said).noneMatch(text -> text.contains(secret));
      assertThat(lines).noneMatch(line -> line.contains(secret));
    }
    assertThat(filesWith(data, "canary-", ENCRYPTION_KEY)).isEmpty();
  }

  /// What an operator may type, with the same settings from a file, right and wrong.
  private List<String> commands(
      Standalone standalone, Map<String, String> settings, String password) throws IOException {
    var properties = new Properties();
    properties.putAll(settings);
    properties.put(PublisherConfig.HISTORY_PASSWORD, password);
    var config = folder.resolve("operator.properties");
    try (var out = Files.newBufferedWriter(config)) {
      properties.store(out, null);
    }
    var file = config.toString();
    var kafka = standalone.bootstrapServers();
    var said = new ArrayList<String>();
    for (var run :
        List.of(
            CommandLineRun.of("config", "show", "--config", file),
            CommandLineRun.of("config", "show", "--config", file, "-o", "json"),
            CommandLineRun.of("config", "show", "--config", file, "--set", "workers.slots=many"),
            CommandLineRun.of("doctor", "--config", file, "-b", kafka, "--url", standalone.http()),
            CommandLineRun.of("topics", "verify", "--config", file, "-b", kafka),
            CommandLineRun.of("lanes", "--config", file, "-b", "127.0.0.1:1"))) {
      assertThat(run.out() + run.err()).isNotBlank();
      said.add(run.out());
      said.add(run.err());
    }
    assertThat(said.getFirst()).contains(PublisherConfig.HISTORY_PASSWORD).contains("[hidden]");
    return said;
  }

  private static String ask(Standalone standalone, String path, String body) throws Exception {
    var request = HttpRequest.newBuilder(URI.create(standalone.http() + path));
    if (!body.isEmpty()) {
      request.header("Prefer", "wait=30").POST(BodyPublishers.ofString(body));
    }
    var answer = HTTP.send(request.build(), BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(path).isEqualTo(200);
    return answer.headers().map() + answer.body();
  }

  /// What lies in topics, stores, history and blobs.
  private static List<Path> filesWith(Path folder, String... secrets) throws IOException {
    try (var files = Files.walk(folder)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> {
            var text = text(file);
            return Stream.of(secrets).anyMatch(text::contains);
          })
          .toList();
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
