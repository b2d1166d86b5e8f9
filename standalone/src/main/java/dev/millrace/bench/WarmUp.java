package dev.millrace.bench;

/// Repeats a load until it gets no faster: for its first minute a JVM on few cores is busy
/// compiling, and what is measured then is its compiler.
final class WarmUp {

  private static final int MOST = 12;

  /// What counts as faster, beside the noise of a shared machine.
  private static final double FASTER = 1.05;

  private static final int STEADY = 2;

  private final Extent extent;

  WarmUp(Extent extent) {
    this.extent = extent;
  }

  /// A load, run once.
  interface Round {
    /// Runs it and says how fast it was.
    double perSecond() throws InterruptedException;
  }

  void run(Round round) throws InterruptedException {
    double best = 0;
    int steady = 0;
    for (int n = 0; n < extent.of(MOST) && steady < STEADY; n++) {
      double now = round.perSecond();
      steady = now > best * FASTER ? 0 : steady + 1;
      best = Math.max(best, now);
    }
  }
}
