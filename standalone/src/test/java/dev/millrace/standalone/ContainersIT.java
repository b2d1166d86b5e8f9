package dev.millrace.standalone;

import static dev.millrace.standalone.Caller.PATIENCE;
import static dev.millrace.standalone.Caller.simulation;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.contracts.Source;
import dev.millrace.contracts.Status;
import dev.millrace.contracts.Tier;
import dev.millrace.contracts.Topics;
import dev.millrace.publisher.PublisherConfig;
import dev.millrace.runtime.CommonConfig;
import dev.millrace.runtime.Resources;
import dev.millrace.runtime.Service;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.postgresql.PostgreSQLContainer;

/// The services against the images of Kafka and PostgreSQL that `docker-compose.yml` names, which
/// has hardly any of the settings of our embedded one.
@EnabledIf(
    value = "engineAnswers",
    disabledReason = "no Docker engine answers; all else runs on the embedded broker and database")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ContainersIT {

  @TempDir static Path folder;

  /// Share groups keep their state in a topic, which one broker alone cannot replicate.
  private static final KafkaContainer KAFKA =
      new KafkaContainer("apache/kafka:4.3.1")
          .withEnv("KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR", "1")
          .withEnv("KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR", "1");

  private static final PostgreSQLContainer POSTGRES = new PostgreSQLContainer("postgres:18");
  private static final List<Service> SERVICES = new ArrayList<>();
  private static @Nullable Caller caller;

  static boolean engineAnswers() {
    return DockerClientFactory.instance().isDockerAvailable();
  }

  @BeforeAll
  static void start() {
    KAFKA.start();
    POSTGRES.start();
    var settings =
        Installation.cluster(
            Map.of(
                CommonConfig.BOOTSTRAP_SERVERS,
                KAFKA.getBootstrapServers(),
                CommonConfig.BLOBS_DIR,
                folder.resolve("blobs").toString(),
                "state.dir",
                folder.resolve("state").toString(),
                PublisherConfig.HTTP_PORT,
                "0",
                PublisherConfig.HISTORY_URL,
                POSTGRES.getJdbcUrl(),
                PublisherConfig.HISTORY_USER,
                POSTGRES.getUsername(),
                PublisherConfig.HISTORY_PASSWORD,
                POSTGRES.getPassword()));
    var resources = Resources.system();
    Arrays.stream(Part.values()).forEach(part -> SERVICES.add(part.start(settings, resources)));
    caller = Caller.of(KAFKA.getBootstrapServers(), Topics.DEFAULT_PREFIX);
    await().atMost(PATIENCE).until(() -> SERVICES.stream().allMatch(Service::ready));
  }

  @AfterAll
  static void stop() {
    if (caller != null) {
      caller.close();
    }
    SERVICES.forEach(Service::close);
    POSTGRES.stop();
    KAFKA.stop();
  }

  @Test
  void a_request_is_computed_once_cached_and_in_the_history() throws Exception {
    var asker = Objects.requireNonNull(caller);
    asker.send(Tier.PRO, simulation("first", "cmp_containers"));
    assertThat(asker.end("first").source()).isEqualTo(Source.COMPUTED);

    asker.send(Tier.FREE, simulation("second", "cmp_containers"));
    var second = asker.end("second");

    assertThat(second.status()).isEqualTo(Status.COMPLETED);
    assertThat(second.source()).isEqualTo(Source.CACHED);
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(history()).contains("cached"));
  }

  private static String history() throws IOException, InterruptedException {
    var door =
        SERVICES.stream()
            .map(service -> service.details().get("http"))
            .filter(Objects::nonNull)
            .findFirst()
            .orElseThrow();
    try (var http = HttpClient.newHttpClient()) {
      var request = HttpRequest.newBuilder(URI.create(door + "/v1/requests/second")).build();
      return http.send(request, BodyHandlers.ofString()).body();
    }
  }
}
