package dev.millrace.workers.attempts;

import java.util.concurrent.atomic.AtomicBoolean;

/// The right to run one job on this worker.
public final class Slot {

  private final boolean lent;
  private final Runnable freed;
  private final AtomicBoolean released = new AtomicBoolean();

  /// @param lent whether it is asked back as soon as somebody waits for a job
  /// @param freed called once, when the slot is free again
  public Slot(boolean lent, Runnable freed) {
    this.lent = lent;
    this.freed = freed;
  }

  /// Whether it is held, and only on loan.
  boolean lent() {
    return lent && !released.get();
  }

  /// Gives it back; later calls do nothing.
  void release() {
    if (released.compareAndSet(false, true)) {
      freed.run();
    }
  }
}
