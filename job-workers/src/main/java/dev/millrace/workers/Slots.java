package dev.millrace.workers;

import dev.millrace.contracts.Tier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/// The slots of this worker, waited for by its lanes. Who is next is [WeightedLanes]' to say; this
/// class only waits.
final class Slots {

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final WeightedLanes lanes;
  private final LongSupplier nanoTime;
  private boolean draining;

  Slots(WeightedLanes lanes, LongSupplier nanoTime) {
    this.lanes = lanes;
    this.nanoTime = nanoTime;
  }

  /// Waits until the lane may fetch work.
  ///
  /// @return false when it may not within `mostNanos`, or never again
  boolean awaitTurn(Tier tier, long mostNanos) throws InterruptedException {
    lock.lock();
    try {
      if (!await(() -> lanes.mayPoll(tier, nanoTime.getAsLong()), mostNanos)) {
        return false;
      }
      lanes.polling(tier);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /// The lane holds `count` more jobs that could start.
  void polled(Tier tier, int count) {
    change(() -> lanes.polled(tier, count));
  }

  /// The turn is over; what the lane still holds does not count any more.
  void lettingGo(Tier tier) {
    change(() -> lanes.lettingGo(tier));
  }

  /// Waits until a job that the lane holds may start, and takes a slot for it.
  ///
  /// @return false when that is not within `mostNanos`, or never again: give the job back
  boolean take(Tier tier, long mostNanos) throws InterruptedException {
    lock.lock();
    try {
      if (await(() -> lanes.mayStart(tier, nanoTime.getAsLong()), mostNanos)) {
        lanes.started(tier);
        changed.signalAll();
        return true;
      }
      return false;
    } finally {
      lock.unlock();
    }
  }

  /// What gives a taken slot back; later calls do nothing.
  Runnable release() {
    var released = new AtomicBoolean();
    return () -> {
      if (released.compareAndSet(false, true)) {
        change(lanes::freed);
      }
    };
  }

  void pause(Tier tier, boolean paused) {
    change(() -> lanes.pause(tier, paused));
  }

  /// From now on no lane gets a turn or a slot.
  void drain() {
    change(() -> draining = true);
  }

  int used() {
    lock.lock();
    try {
      return lanes.used();
    } finally {
      lock.unlock();
    }
  }

  private boolean await(BooleanSupplier allowed, long mostNanos) throws InterruptedException {
    long end = nanoTime.getAsLong() + mostNanos;
    while (!draining) {
      if (allowed.getAsBoolean()) {
        return true;
      }
      long now = nanoTime.getAsLong();
      if (now >= end) {
        return false;
      }
      var _ = changed.await(lanes.patienceLeft(now, end - now), TimeUnit.NANOSECONDS);
    }
    return false;
  }

  private void change(Runnable change) {
    lock.lock();
    try {
      change.run();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
