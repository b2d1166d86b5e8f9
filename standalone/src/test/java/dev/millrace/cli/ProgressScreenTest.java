package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.cli.ProgressLines.End;
import dev.millrace.cli.ProgressLines.Line;
import dev.millrace.cli.ProgressLines.State;
import dev.millrace.contracts.Tier;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProgressScreenTest {

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final AtomicLong nanos = new AtomicLong();

  @Test
  void a_log_gets_a_line_per_ten_percent_and_per_change_of_state() {
    try (var screen = screen(false)) {
      screen.show("a", queued("a"));
      for (int percent = 0; percent <= 100; percent++) {
        screen.show("a", running("a", percent));
      }
      screen.show("a", ended("a"));
    }

    assertThat(text().lines()).hasSize(1 + 11 + 1);
    assertThat(text()).doesNotContain("\u001b");
  }

  @Test
  void a_terminal_is_drawn_at_most_ten_times_a_second() {
    try (var screen = screen(true)) {
      for (int percent = 0; percent < 100; percent++) {
        screen.show("a", running("a", percent));
        screen.refresh();
        nanos.addAndGet(10_000_000);
      }
    }

    assertThat(text().lines().filter(line -> line.contains("%"))).hasSize(10);
  }

  @Test
  void a_finished_line_stays_above_the_bars() {
    try (var screen = screen(true)) {
      screen.show("a", running("a", 1));
      screen.show("b", running("b", 2));
      screen.refresh();
      screen.show("a", ended("a"));
      nanos.addAndGet(100_000_000);
      screen.refresh();
    }

    var afterErase = text().substring(text().indexOf("\u001b[2A\u001b[J"));
    assertThat(afterErase).contains("✔ a").contains("  b");
    assertThat(afterErase.indexOf("✔ a")).isLessThan(afterErase.indexOf("  b"));
    assertThat(text()).endsWith("\u001b[1A\u001b[J");
  }

  private ProgressScreen screen(boolean live) {
    return new ProgressScreen(
        new PrintStream(bytes, true, StandardCharsets.UTF_8),
        new Terminal(live, false, true, 100),
        nanos::get);
  }

  private String text() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static Line queued(String id) {
    return new Line(id, "simulation", Tier.FREE, new State.Queued());
  }

  private static Line running(String id, int percent) {
    return new Line(
        id, "simulation", Tier.FREE, new State.Running(percent, null, null, null, null));
  }

  private static Line ended(String id) {
    return new Line(id, "simulation", Tier.FREE, new State.Ended(End.COMPLETED, 10, ""));
  }
}
