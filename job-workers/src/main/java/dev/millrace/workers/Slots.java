package dev.millrace.workers;

import dev.millrace.contracts.Tier;
import dev.millrace.workers.attempts.Slot;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/// The slots of this worker, waited for by its lanes. Who is next is [WeightedLanes]' to say; this
/// class only waits.
final class Slots {

  private static final long SHORTEST_WAIT_NANOS = 1_000_000;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final WeightedLanes lanes;
  private final LongSupplier nanoTime;
  private boolean draining;

  Slots(WeightedLanes lanes, LongSupplier nanoTime) {
    this.lanes = lanes;
    this.nanoTime = nanoTime;
  }

  /// The way of a tier's lane to the slots.
  Turns turns(Tier tier) {
    return new TierTurns(tier);
  }

  /// The way of the background lane: it borrows what no tier has use for.
  Turns backgroundTurns() {
    return new BackgroundTurns();
  }

  void pause(Tier tier, boolean paused) {
    change(() -> lanes.pause(tier, paused));
  }

  /// From now on no lane gets a turn or a slot.
  void drain() {
    change(() -> draining = true);
  }

  int used() {
    return ask(lanes::used);
  }

  /// How many lent slots the tiers' lanes want back.
  int wantedBack() {
    return ask(lanes::wantedBack);
  }

  private final class TierTurns implements Turns {

    private final Tier tier;

    TierTurns(Tier tier) {
      this.tier = tier;
    }

    @Override
    public boolean await(long mostNanos) throws InterruptedException {
      return when(
          () -> lanes.mayPoll(tier, nanoTime.getAsLong()), mostNanos, () -> lanes.polling(tier));
    }

    @Override
    public int fetched(int count) {
      change(() -> lanes.polled(tier, count));
      return wantedBack();
    }

    @Override
    public Optional<Slot> take(long mostNanos) throws InterruptedException {
      return when(
              () -> lanes.mayStart(tier, nanoTime.getAsLong()),
              mostNanos,
              () -> lanes.started(tier))
          ? Optional.of(new Slot(false, () -> change(lanes::freed)))
          : Optional.empty();
    }

    @Override
    public void over() {
      change(() -> lanes.lettingGo(tier));
    }
  }

  private final class BackgroundTurns implements Turns {

    @Override
    public boolean await(long mostNanos) throws InterruptedException {
      return when(lanes::mayLend, mostNanos, () -> {});
    }

    @Override
    public int fetched(int count) {
      return wantedBack();
    }

    @Override
    public Optional<Slot> take(long mostNanos) throws InterruptedException {
      return when(lanes::mayLend, mostNanos, lanes::lent)
          ? Optional.of(new Slot(true, () -> change(lanes::returned)))
          : Optional.empty();
    }

    @Override
    public void over() {
      // it had no claim on anything
    }
  }

  /// Waits until something is allowed, and does it.
  ///
  /// @return false when it is not allowed within `mostNanos`, or never again
  private boolean when(BooleanSupplier allowed, long mostNanos, Runnable then)
      throws InterruptedException {
    lock.lock();
    try {
      long end = nanoTime.getAsLong() + mostNanos;
      while (!draining) {
        if (allowed.getAsBoolean()) {
          change(then);
          return true;
        }
        long now = nanoTime.getAsLong();
        if (now >= end) {
          return false;
        }
        long wait = Math.max(SHORTEST_WAIT_NANOS, lanes.patienceLeft(now, end - now));
        var _ = changed.await(wait, TimeUnit.NANOSECONDS);
      }
      return false;
    } finally {
      lock.unlock();
    }
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

  private int ask(IntSupplier question) {
    lock.lock();
    try {
      return question.getAsInt();
    } finally {
      lock.unlock();
    }
  }
}
