package dev.millrace.workers.simulation;

import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Counts finished paths of all scenarios, and stops the work when nobody wants it any more.
final class Meter {

  private final SimulationEngine.Progress progress;
  private final BooleanSupplier cancelled;
  private final int paths;
  private final int scenarios;
  private volatile @Nullable Throwable firstFailure;
  private long done;

  Meter(SimulationEngine.Progress progress, BooleanSupplier cancelled, int paths, int scenarios) {
    this.progress = progress;
    this.cancelled = cancelled;
    this.paths = paths;
    this.scenarios = scenarios;
  }

  /// An interrupt of the computing thread counts as a cancellation.
  void beforeBlock() {
    if (firstFailure != null
        || Thread.currentThread().isInterrupted()
        || cancelled.getAsBoolean()) {
      throw new CancellationException("simulation cancelled");
    }
  }

  synchronized void afterBlock(int count) {
    long scenario = done / paths + 1;
    done += count;
    progress.report(done, (long) paths * scenarios, "scenario " + scenario + " of " + scenarios);
  }

  /// Keeps the other threads from going on.
  synchronized void stop(Throwable failure) {
    if (firstFailure == null) {
      firstFailure = failure;
    }
  }

  void throwFirstFailure() {
    switch (firstFailure) {
      case RuntimeException failure -> throw failure;
      case Error failure -> throw failure;
      case null, default -> {}
    }
  }
}
