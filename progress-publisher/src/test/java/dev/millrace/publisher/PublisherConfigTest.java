package dev.millrace.publisher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.publisher.history.HistoryConfig;
import dev.millrace.publisher.http.HttpConfig;
import dev.millrace.publisher.sse.StreamConfig;
import dev.millrace.runtime.Settings;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

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
                    "jdbc:postgresql://localhost:5432/millrace", "millrace", "", 8, 500)));
  }

  @Test
  void every_key_reaches_its_part_and_the_password_stays_hidden() {
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
            Map.entry("history.batch.max", "9"));

    var config =
        PublisherConfig.from(
            Settings.load(PublisherConfig.def(), new Settings.Sources(given, Map.of(), Map.of())));

    assertThat(config)
        .isEqualTo(
            new PublisherConfig(
                new HttpConfig("::1", 0, true, 2048, Duration.ofSeconds(5)),
                new StreamConfig(7, Duration.ofMillis(200), Duration.ofSeconds(3)),
                new HistoryConfig("jdbc:postgresql://db/h", "u", "p4ss", 3, 9)));
    assertThat(config.toString()).doesNotContain("p4ss");
  }
}
