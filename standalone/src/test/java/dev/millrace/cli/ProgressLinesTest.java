package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.cli.ProgressLines.End;
import dev.millrace.cli.ProgressLines.Line;
import dev.millrace.cli.ProgressLines.State;
import dev.millrace.contracts.Tier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProgressLinesTest {

  private static final Terminal PLAIN = new Terminal(false, false, true, 120);

  private final ProgressLines lines = new ProgressLines(PLAIN);

  @ParameterizedTest
  @CsvSource({
    "0, '                              '",
    "1, '▎                             '",
    "42, '████████████▌                 '",
    "50, '███████████████               '",
    "99, '█████████████████████████████▋'",
    "100, '██████████████████████████████'",
    "-5, '                              '",
    "250, '██████████████████████████████'"
  })
  void the_bar_grows_in_eighths(int percent, String bar) {
    assertThat(lines.bar(percent)).isEqualTo(bar);
  }

  @Test
  void without_unicode_the_bar_is_made_of_hashes() {
    var ascii = new ProgressLines(new Terminal(false, false, false, 120));

    assertThat(ascii.bar(50)).isEqualTo("[###############...............]");
  }

  @Test
  void a_run_shows_bar_items_message_and_time_left() {
    var line = line(new State.Running(42, 4_200L, 10_000L, "scenario 2 of 3", 1_800L));

    assertThat(lines.render(line))
        .isEqualTo(
            "  019a9e3c        simulation  pro         ████████████▌                    42%  4"
                + " 200/10 000  scenario 2 of 3   eta 2s");
  }

  @Test
  void an_end_shows_how_long_it_took_and_what_came_out() {
    var line = line(new State.Ended(End.COMPLETED, 4_120, "cache hit (saved 4.1s)"));

    assertThat(lines.render(line))
        .isEqualTo(
            "✔ 019a9e3c        simulation  pro         completed   4.1s   cache hit (saved 4.1s)");
  }

  @Test
  void a_retry_shows_the_attempt_and_the_wait() {
    var line = line(new State.Retrying(2, 10_000L, "HANDLER_FAILED"));

    assertThat(lines.render(line))
        .isEqualTo("↻ 019a9e3c        simulation  pro         retry 2 in 10s   HANDLER_FAILED");
  }

  @Test
  void colour_is_only_in_the_sign() {
    var colourful = new ProgressLines(new Terminal(true, true, true, 120));

    assertThat(colourful.render(line(new State.Ended(End.FAILED, 0, "x"))))
        .startsWith("\u001b[31m✘\u001b[0m 019a9e3c")
        .doesNotMatch("(?s).*\u001b.*\u001b.*\u001b.*");
  }

  @Test
  void a_line_is_never_wider_than_the_terminal_and_never_breaks() {
    var narrow = new ProgressLines(new Terminal(true, false, true, 40));

    var rendered =
        narrow.render(line(new State.Ended(End.FAILED, 0, "a\nlong\tstory ".repeat(20))));

    assertThat(rendered).hasSize(40).endsWith("…").doesNotContain("\n", "\t");
  }

  @ParameterizedTest
  @CsvSource({"0, 0.0s", "4120, 4.1s", "59999, 60.0s", "60000, 1m00s", "125000, 2m05s"})
  void times_are_short(long ms, String text) {
    assertThat(ProgressLines.seconds(ms)).isEqualTo(text);
  }

  private static Line line(State state) {
    return new Line("019a9e3c", "simulation", Tier.PRO, state);
  }
}
