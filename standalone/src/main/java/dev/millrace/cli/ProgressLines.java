package dev.millrace.cli;

import dev.millrace.contracts.Tier;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Draws one request as one line of text. Knows nothing of terminals, time or topics.
///
/// ```
/// 019a9e3c  simulation  pro   ████████████▌       42%  4 200/10 000  scenario 2 of 3   eta 2s
/// ✔ 019a9e41  simulation  free        completed  0.0s   cache hit (saved 4.1s)
/// ```
final class ProgressLines {

  private static final int BAR = 30;
  private static final String EIGHTHS = " ▏▎▍▌▋▊▉";

  private final boolean unicode;
  private final boolean colour;
  private final int width;

  ProgressLines(Terminal terminal) {
    this.unicode = terminal.unicode();
    this.colour = terminal.colour();
    this.width = terminal.width();
  }

  /// How a request stands.
  sealed interface State {

    /// Waits for a slot, or nothing is known yet.
    record Queued() implements State {}

    /// Runs.
    record Running(
        int percent,
        @Nullable Long items,
        @Nullable Long total,
        @Nullable String message,
        @Nullable Long etaMs)
        implements State {}

    /// Waits for its next attempt, the `attempt`th.
    record Retrying(int attempt, @Nullable Long inMs, String message) implements State {}

    /// Has ended.
    record Ended(End end, long tookMs, String message) implements State {}
  }

  /// How it ended.
  enum End {
    COMPLETED("✔", "+", 32),
    FAILED("✘", "x", 31),
    CANCELLED("■", "-", 33),
    EXPIRED("■", "-", 33),
    REJECTED("✘", "x", 31);

    private final String sign;
    private final String plain;
    private final int colour;

    End(String sign, String plain, int colour) {
      this.sign = sign;
      this.plain = plain;
      this.colour = colour;
    }

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// One request.
  record Line(String id, String type, Tier tier, State state) {}

  /// The line, no wider than the terminal.
  String render(Line line) {
    var who =
        "%-14s  %-10s  %-10s  ".formatted(shortened(line.id()), line.type(), line.tier().id());
    return switch (line.state()) {
      case State.Queued _ -> fit("  " + who + "queued");
      case State.Running running -> fit("  " + who + running(running));
      case State.Retrying retrying ->
          fit(
              sign("↻", "~", 33),
              who
                  + "retry %d%s   %s"
                      .formatted(
                          retrying.attempt(),
                          retrying.inMs() == null ? "" : " in " + eta(retrying.inMs()),
                          retrying.message()));
      case State.Ended ended ->
          fit(
              sign(ended.end().sign, ended.end().plain, ended.end().colour),
              who
                  + "%-9s  %5s   %s"
                      .formatted(ended.end().word(), seconds(ended.tookMs()), ended.message()));
    };
  }

  private String running(State.Running running) {
    var text = new StringBuilder();
    text.append(bar(running.percent())).append("  %3d%%".formatted(running.percent()));
    if (running.items() != null && running.total() != null) {
      text.append("  ").append(count(running.items())).append('/').append(count(running.total()));
    }
    if (running.message() != null && !running.message().isEmpty()) {
      text.append("  ").append(running.message());
    }
    if (running.etaMs() != null && running.percent() < 100) {
      text.append("   eta ").append(eta(running.etaMs()));
    }
    return text.toString();
  }

  /// `percent` of the bar in eighths of a character, or in whole `#`.
  String bar(int percent) {
    int clamped = Math.clamp(percent, 0, 100);
    if (!unicode) {
      int full = clamped * BAR / 100;
      return "[" + "#".repeat(full) + ".".repeat(BAR - full) + "]";
    }
    int eighths = clamped * BAR * 8 / 100;
    var bar = new StringBuilder("█".repeat(eighths / 8));
    if (eighths % 8 > 0) {
      bar.append(EIGHTHS.charAt(eighths % 8));
    }
    return bar.repeat(' ', BAR - bar.length()).toString();
  }

  private String sign(String sign, String plain, int colourCode) {
    if (!unicode) {
      return plain;
    }
    return colour ? "\u001b[" + colourCode + "m" + sign + "\u001b[0m" : sign;
  }

  private String fit(String sign, String text) {
    return sign + " " + cut(text, width - 2);
  }

  private String fit(String text) {
    return cut(text, width);
  }

  private String cut(String text, int most) {
    var printable = text.replaceAll("\\p{Cntrl}", " ").stripTrailing();
    if (printable.length() <= most) {
      return printable;
    }
    return printable.substring(0, Math.max(0, most - 1)) + (unicode ? "…" : "~");
  }

  private static String shortened(String id) {
    return id.length() <= 14 ? id : id.substring(0, 14);
  }

  /// `4 200`.
  private static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number).replace(',', ' ');
  }

  /// `4.1s`, from a minute on `2m05s`.
  static String seconds(long ms) {
    return ms < 60_000
        ? String.format(Locale.ROOT, "%.1fs", ms / 1000.0)
        : "%dm%02ds".formatted(ms / 60_000, ms / 1000 % 60);
  }

  private static String eta(long ms) {
    return ms < 60_000
        ? (ms + 999) / 1000 + "s"
        : "%dm%02ds".formatted(ms / 60_000, ms / 1000 % 60);
  }
}
