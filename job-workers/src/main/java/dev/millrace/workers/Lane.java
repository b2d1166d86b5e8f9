package dev.millrace.workers;

import dev.millrace.contracts.DeclineReason;
import dev.millrace.contracts.Job;
import dev.millrace.workers.attempts.AttemptRunner;
import dev.millrace.workers.attempts.JobReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Feeds the slots from one lane: waits for its turn, fetches a few jobs, starts each as a slot is
/// given to it, and gives back what could not start in time.
///
/// A record is accepted as soon as the ledger is told what became of it, and released never: its
/// deliveries are counted, and after the last it would vanish.
final class Lane implements Runnable {

  private static final Logger LOG = LoggerFactory.getLogger(Lane.class);
  private static final long TURN_NANOS = Duration.ofMillis(500).toNanos();
  private static final Duration POLL = Duration.ofMillis(500);
  private static final long PAUSE_NANOS = Duration.ofSeconds(1).toNanos();

  private final String name;
  private final JobReader reader;
  private final Supplier<LaneRecords> join;
  private final Turns turns;
  private final AttemptRunner runner;
  private final Rejects rejects;
  private final Duration hold;
  private final LongSupplier nanoTime;
  private volatile @Nullable LaneRecords records;
  private volatile boolean draining;

  Lane(
      String name,
      JobReader reader,
      Supplier<LaneRecords> join,
      Turns turns,
      AttemptRunner runner,
      Rejects rejects,
      Duration hold,
      LongSupplier nanoTime) {
    this.name = name;
    this.reader = reader;
    this.join = join;
    this.turns = turns;
    this.runner = runner;
    this.rejects = rejects;
    this.hold = hold;
    this.nanoTime = nanoTime;
  }

  /// A job on its way to a slot.
  private record Held(ConsumerRecord<byte[], byte[]> record, Job job) {}

  /// Whether it is a member of its group.
  boolean ready() {
    return records != null;
  }

  /// Fetches nothing more and gives back what it holds. From any thread.
  void drain() {
    draining = true;
    var current = records;
    if (current != null) {
      current.wakeup();
    }
  }

  @Override
  public void run() {
    while (!draining) {
      try (var joined = join.get()) {
        records = joined;
        while (!draining) {
          var _ = runOnce(joined);
        }
      } catch (RuntimeException | Error e) {
        LOG.error("lane interrupted, joining again lane={}", name, e);
        pause();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } finally {
        records = null;
      }
    }
  }

  /// One turn.
  ///
  /// @return how many jobs were started
  int runOnce(LaneRecords from) throws InterruptedException {
    if (!turns.await(TURN_NANOS)) {
      return 0;
    }
    try {
      var held = new ArrayList<Held>();
      var others = new ArrayList<Runnable>();
      for (var record : from.poll(POLL)) {
        sort(from, record, held, others);
      }
      var _ = runner.makeRoom(turns.fetched(held.size()));
      others.forEach(Runnable::run);
      return start(from, held);
    } finally {
      turns.over();
    }
  }

  private void sort(
      LaneRecords from,
      ConsumerRecord<byte[], byte[]> record,
      List<Held> held,
      List<Runnable> others) {
    Job job;
    try {
      job = reader.read(record);
    } catch (SerializationException e) {
      others.add(() -> {
        if (rejects.reject(record, e)) {
          from.accept(record);
        }
      });
      return;
    }
    if (runner.knows(job)) {
      held.add(new Held(record, job));
    } else {
      others.add(() -> decline(from, new Held(record, job), DeclineReason.UNKNOWN_TYPE));
    }
  }

  private int start(LaneRecords from, List<Held> held) throws InterruptedException {
    long until = nanoTime.getAsLong() + hold.toNanos();
    int started = 0;
    for (var next : held) {
      var slot = turns.take(until - nanoTime.getAsLong());
      if (slot.isEmpty()) {
        decline(from, next, draining ? DeclineReason.DRAIN : DeclineReason.BUSY);
      } else if (runner.start(next.job(), slot.get())) {
        from.accept(next.record());
        started++;
      }
    }
    return started;
  }

  private void decline(LaneRecords from, Held held, DeclineReason reason) {
    if (runner.decline(held.job(), reason)) {
      from.accept(held.record());
    }
  }

  private void pause() {
    long until = nanoTime.getAsLong() + PAUSE_NANOS;
    while (!draining && nanoTime.getAsLong() < until) {
      LockSupport.parkNanos(PAUSE_NANOS / 10);
    }
  }
}
