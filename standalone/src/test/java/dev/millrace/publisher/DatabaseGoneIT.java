package dev.millrace.publisher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.millrace.contracts.Completion;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.Source;
import dev.millrace.contracts.Status;
import dev.millrace.contracts.Tier;
import dev.millrace.contracts.Topics;
import dev.millrace.runtime.CommonConfig;
import dev.millrace.runtime.KafkaClients;
import dev.millrace.runtime.Resources;
import dev.millrace.runtime.Sender;
import dev.millrace.runtime.Settings;
import dev.millrace.runtime.TopicAdmin;
import dev.millrace.standalone.EmbeddedPostgreSql;
import dev.millrace.standalone.SharedBroker;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// PostgreSQL goes away and comes back: callers are served meanwhile, and the history misses
/// nothing.
class DatabaseGoneIT {

  @RegisterExtension static final SharedBroker BROKER = new SharedBroker();

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path folder;

  @Test
  void the_door_goes_on_without_the_database_and_the_history_catches_up() throws Exception {
    var postgres = EmbeddedPostgreSql.start(folder, 0);
    var port = URI.create(postgres.jdbcUrl().substring("jdbc:".length())).getPort();
    var settings = settings(postgres);
    var topics = new Topics(BROKER.topicPrefix());
    var clients = new KafkaClients(settings);
    try (var admin = new TopicAdmin(clients, topics, settings, Clock.systemUTC())) {
      assertThat(admin.create()).isNotEmpty();
    }

    try (var sender = new Sender(clients.producer("test"));
        var http = HttpClient.newHttpClient();
        var publisher =
            PublisherService.start(
                PublisherConfig.from(settings), settings, Resources.system(), Optional.empty())) {
      await().atMost(PATIENCE).until(publisher::ready);
      postgres.close();
      await()
          .atMost(PATIENCE)
          .until(
              () -> get(http, publisher, "/health/ready").path("status").asText(),
              "degraded"::equals);

      for (int i = 0; i < 50; i++) {
        var end = completion("r-" + i);
        sender
            .send(topics.completions(), null, end.requestId(), end, Map.of())
            .get(10, TimeUnit.SECONDS);
      }
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  get(http, publisher, "/v1/requests/r-49?organizationId=").path("status").asText(),
              "completed"::equals);
      assertThat(submit(http, publisher)).isEqualTo(202);
      assertThat(get(http, publisher, "/v1/requests").path("code").asText())
          .isEqualTo("E_UNAVAILABLE");

      try (var again = EmbeddedPostgreSql.start(folder, port)) {
        assertThat(again.jdbcUrl()).isEqualTo(postgres.jdbcUrl());
        await()
            .atMost(PATIENCE)
            .until(
                () -> get(http, publisher, "/v1/requests?status=completed&limit=100").path("items"),
                items -> items.size() == 50);
        assertThat(publisher.details().toString()).doesNotContain("trouble");
      }
    }
  }

  private Settings settings(EmbeddedPostgreSql postgres) {
    return Settings.load(
        PublisherConfig.def(),
        new Settings.Sources(
            Map.of(),
            Map.of(),
            Map.of(
                CommonConfig.BOOTSTRAP_SERVERS, BROKER.bootstrapServers(),
                CommonConfig.TOPIC_PREFIX, BROKER.topicPrefix(),
                CommonConfig.BLOBS_DIR, folder.resolve("blobs").toString(),
                PublisherConfig.HTTP_PORT, "0",
                PublisherConfig.HISTORY_URL, postgres.jdbcUrl(),
                PublisherConfig.HISTORY_USER, postgres.user(),
                PublisherConfig.HISTORY_PASSWORD, postgres.password())));
  }

  private static JsonNode get(HttpClient http, PublisherService publisher, String path)
      throws Exception {
    var call = HttpRequest.newBuilder(URI.create(publisher.address() + path)).build();
    return Json.MAPPER.readTree(http.send(call, BodyHandlers.ofString()).body());
  }

  private static int submit(HttpClient http, PublisherService publisher) throws Exception {
    var body = "{\"type\":\"simulation\",\"requestId\":\"mine\",\"params\":{\"campaignId\":\"c\"}}";
    var call =
        HttpRequest.newBuilder(URI.create(publisher.address() + "/v1/requests"))
            .POST(BodyPublishers.ofString(body))
            .build();
    return http.send(call, BodyHandlers.ofString()).statusCode();
  }

  private static Completion completion(String requestId) {
    return new Completion(
        Status.COMPLETED,
        Source.COMPUTED,
        requestId,
        null,
        null,
        null,
        RequestHash.of("ab".repeat(32)),
        "simulation",
        Tier.FREE,
        1,
        3,
        5,
        0,
        TextNode.valueOf("yes"),
        null,
        null,
        null,
        null,
        false,
        Instant.now());
  }
}
