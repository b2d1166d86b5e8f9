package dev.millrace.workers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.contracts.Tier;
import dev.millrace.runtime.Settings;
import dev.millrace.runtime.Settings.Sources;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;

class WorkersConfigTest {

  @Test
  void defaults_are_as_documented() {
    assertThat(WorkersConfig.of(Settings.load(WorkersConfig.def(), Sources.none())))
        .isEqualTo(
            new WorkersConfig(
                "",
                5,
                Map.of(Tier.ENTERPRISE, 6, Tier.PRO, 3, Tier.FREE, 1),
                1_000,
                4,
                Duration.ofSeconds(1),
                Duration.ofMillis(1_500),
                Duration.ofSeconds(4),
                Duration.ofMillis(200),
                Duration.ofSeconds(3),
                Duration.ofSeconds(5),
                64L * 1024 * 1024,
                "",
                List.of()));
  }

  @Test
  void every_key_reaches_the_config() {
    var given =
        Map.ofEntries(
            Map.entry("workers.id", "w-3"),
            Map.entry("workers.slots", "0"),
            Map.entry("workers.weight.enterprise", "5"),
            Map.entry("workers.weight.pro", "4"),
            Map.entry("workers.weight.free", "2"),
            Map.entry("workers.background.slots", "2"),
            Map.entry("workers.lane.records", "1"),
            Map.entry("workers.hold.ms", "700"),
            Map.entry("workers.heartbeat.ms", "1000"),
            Map.entry("workers.effect.silence.ms", "3000"),
            Map.entry("workers.grace.ms", "1000"),
            Map.entry("workers.result.max.bytes", "2048"),
            Map.entry("workers.scratch.dir", "/scratch"),
            Map.entry("progress.interval.ms", "100"),
            Map.entry("drain.timeout.ms", "2000"),
            Map.entry("workers.command.allow", "python3,/opt/bin/render"));

    assertThat(
            WorkersConfig.of(
                Settings.load(WorkersConfig.def(), new Sources(given, Map.of(), Map.of()))))
        .isEqualTo(
            new WorkersConfig(
                "w-3",
                0,
                Map.of(Tier.ENTERPRISE, 5, Tier.PRO, 4, Tier.FREE, 2),
                2,
                1,
                Duration.ofMillis(700),
                Duration.ofSeconds(1),
                Duration.ofSeconds(3),
                Duration.ofMillis(100),
                Duration.ofSeconds(1),
                Duration.ofSeconds(2),
                2048,
                "/scratch",
                List.of("python3", "/opt/bin/render")));
  }

  @Test
  void a_value_out_of_range_is_refused() {
    var sources = new Sources(Map.of("workers.slots", "-1"), Map.of(), Map.of());

    assertThatThrownBy(() -> Settings.load(WorkersConfig.def(), sources))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("workers.slots");
  }
}
