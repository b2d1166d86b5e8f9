package dev.millrace.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.runtime.Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class IntakeConfigTest {

  @Test
  void defaults_are_as_documented() {
    assertThat(config(Map.of()))
        .isEqualTo(new IntakeConfig(Optional.empty(), Duration.ofMillis(100), 1));
  }

  @Test
  void every_key_reaches_its_component() {
    assertThat(
            config(
                Map.of(
                    "types.dir", "/types",
                    "intake.commit.interval.ms", "250",
                    "intake.threads", "3")))
        .isEqualTo(new IntakeConfig(Optional.of(Path.of("/types")), Duration.ofMillis(250), 3));
  }

  @Test
  void a_value_out_of_range_is_refused() {
    assertThatThrownBy(() -> config(Map.of("intake.threads", "0")))
        .hasMessageContaining("intake.threads");
  }

  private static IntakeConfig config(Map<String, String> flags) {
    return IntakeConfig.of(
        Settings.load(IntakeConfig.def(), new Settings.Sources(Map.of(), Map.of(), flags)));
  }
}
