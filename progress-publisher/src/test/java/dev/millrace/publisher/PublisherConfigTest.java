package dev.millrace.publisher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.publisher.history.HistoryConfig;
import dev.millrace.publisher.http.HttpConfig;
import dev.millrace.publisher.sse.StreamConfig;
import dev.millrace.runtime.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublisherConfigTest {

  @Test
  void defaults_are_as_documented() {
    var config =
        PublisherConfig.from(Settings.load(PublisherConfig.def(), Settings.Sources.none()));

    assertThat(config)
        .isEqualTo(
            new PublisherConfig(
                new HttpConfig("127.0.0.1", 8080, false, 262_144, Duration.ofSeconds(60)),
                new StreamConfig(10_000, Duration.ofSeconds(30), Duration.ofMinutes(5)),
                new HistoryConfig(
                    "jdbc:postgresql://localhost:5432/millrace", "millrace", "", 8, 1_000),
                Optional.empty()));
  }

  @Test
  void every_key_reaches_its_part_and_the_password_stays_hidden(@TempDir Path folder)
      throws IOException {
    var requests = Files.createFile(folder.resolve("requests.jsonl"));
    var given =
        Map.ofEntries(
            Map.entry("http.host", "::1"),
            Map.entry("http.port", "0"),
            Map.entry("http.allow.remote", "true"),
            Map.entry("http.body.max.bytes", "2048"),
            Map.entry("http.wait.max.ms", "5000"),
            Map.entry("http.streams.max", "7"),
            Map.entry("http.streams.keep.alive.ms", "200"),
            Map.entry("http.streams.stale.ms", "3000"),
            Map.entry("history.jdbc.url", "jdbc:postgresql://db/h"),
            Map.entry("history.jdbc.user", "u"),
            Map.entry("history.jdbc.password", "p4ss"),
            Map.entry("history.pool.size", "3"),
            Map.entry("history.batch.max", "9"),
            Map.entry("warm.up.file", requests.toString()));

    var config =
        PublisherConfig.from(
            Settings.load(PublisherConfig.def(), new Settings.Sources(given, Map.of(), Map.of())));

    assertThat(config)
        .isEqualTo(
            new PublisherConfig(
                new HttpConfig("::1", 0, true, 2048, Duration.ofSeconds(5)),
                new StreamConfig(7, Duration.ofMillis(200), Duration.ofSeconds(3)),
                new HistoryConfig("jdbc:postgresql://db/h", "u", "p4ss", 3, 9),
                Optional.of(requests)));
    assertThat(config.toString()).doesNotContain("p4ss");
  }

  @Test
  void a_file_that_cannot_be_read_stops_the_start(@TempDir Path folder) {
    assertThatThrownBy(() -> load(folder.resolve("none.jsonl")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("none.jsonl for configuration warm.up.file: there is no such file");
    assertThatThrownBy(() -> load(folder)).hasMessageContaining("not a file that can be read");
  }

  private static Settings load(Path warmUp) {
    var given = Map.of("warm.up.file", warmUp.toString());
    return Settings.load(PublisherConfig.def(), new Settings.Sources(given, Map.of(), Map.of()));
  }
}
