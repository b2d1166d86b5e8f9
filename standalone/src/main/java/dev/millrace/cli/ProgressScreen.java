package dev.millrace.cli;

import dev.millrace.cli.ProgressLines.Line;
import dev.millrace.cli.ProgressLines.State;
import java.io.PrintStream;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/// Shows lines on a terminal or in a log.
///
/// On a terminal the unfinished ones stay at the bottom and are drawn again at most ten times a
/// second; finished ones scroll up and stay. Elsewhere a line is written when a request changes its
/// state and for every ten percent.
final class ProgressScreen implements AutoCloseable {

  private static final long REDRAW_NANOS = 100_000_000L;
  private static final int MOST_ACTIVE = 12;

  private final PrintStream out;
  private final boolean live;
  private final ProgressLines lines;
  private final LongSupplier nanoTime;
  private final Map<String, Line> active = new LinkedHashMap<>();
  private final Map<String, String> logged = new HashMap<>();
  private int drawn;
  private long lastDraw;
  private boolean stale;

  ProgressScreen(PrintStream out, Terminal terminal, LongSupplier nanoTime) {
    this.out = out;
    this.live = terminal.live();
    this.lines = new ProgressLines(terminal);
    this.nanoTime = nanoTime;
    this.lastDraw = nanoTime.getAsLong() - REDRAW_NANOS;
  }

  /// A request stands differently now.
  void show(String key, Line line) {
    boolean ended = line.state() instanceof State.Ended;
    if (!live) {
      log(key, line);
      return;
    }
    if (ended) {
      erase();
      active.remove(key);
      out.println(lines.render(line));
      stale = true;
    } else {
      active.put(key, line);
      stale = true;
    }
  }

  /// Draws what has changed, unless it was drawn a moment ago.
  void refresh() {
    if (live && stale && nanoTime.getAsLong() - lastDraw >= REDRAW_NANOS) {
      draw();
    }
  }

  /// Takes the unfinished lines off the screen.
  @Override
  public void close() {
    if (live) {
      erase();
      out.flush();
    }
  }

  private void draw() {
    erase();
    var shown = shown();
    shown.forEach(line -> out.println(lines.render(line)));
    drawn = shown.size();
    int more = active.size() - drawn;
    if (more > 0) {
      out.println("  … and " + more + " more");
      drawn++;
    }
    out.flush();
    lastDraw = nanoTime.getAsLong();
    stale = false;
  }

  /// Those that run before those that wait.
  private List<Line> shown() {
    return active.values().stream()
        .sorted((a, b) -> Boolean.compare(waits(a), waits(b)))
        .limit(MOST_ACTIVE)
        .toList();
  }

  private static boolean waits(Line line) {
    return line.state() instanceof State.Queued;
  }

  private void erase() {
    if (drawn > 0) {
      out.print("\u001b[" + drawn + "A\u001b[J");
      drawn = 0;
    }
  }

  private void log(String key, Line line) {
    var stage =
        line.state() instanceof State.Running running
            ? "running " + running.percent() / 10
            : line.state().toString();
    if (!stage.equals(logged.put(key, stage))) {
      out.println(lines.render(line));
    }
  }
}
