package dev.millrace.workers.attempts;

import dev.millrace.contracts.Job;
import dev.millrace.contracts.Progress;
import dev.millrace.contracts.Status;
import dev.millrace.workers.handlers.ProgressSink;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// The progress of one run: never falls, comes at most once an interval, and its last word is
/// always sent before the outcome.
final class RunProgress implements ProgressSink {

  private static final int LONGEST_MESSAGE = 500;

  private final Job job;
  private final String runId;
  private final Function<Progress, CompletableFuture<?>> send;
  private final InstantSource clock;
  private final LongSupplier nanoTime;
  private final long intervalNanos;
  private final ReentrantLock lock = new ReentrantLock();

  private final Eta eta;
  private double fraction;
  private long processed;
  private long total;
  private @Nullable String message;
  private boolean pending;
  private boolean finished;
  private long sentAt;
  private long sequence;
  private CompletableFuture<?> lastSent = CompletableFuture.completedFuture(null);

  RunProgress(
      Job job,
      String runId,
      Function<Progress, CompletableFuture<?>> send,
      InstantSource clock,
      LongSupplier nanoTime,
      long intervalNanos) {
    this.job = job;
    this.runId = runId;
    this.send = send;
    this.clock = clock;
    this.nanoTime = nanoTime;
    this.intervalNanos = intervalNanos;
    this.eta = new Eta(nanoTime.getAsLong());
    this.sentAt = nanoTime.getAsLong() - intervalNanos;
  }

  /// Says that the run goes on, at nothing done.
  void begin() {
    update(0, 0, 0, null);
  }

  @Override
  public void items(long processed, long total, @Nullable String message) {
    update(total > 0 ? (double) processed / total : 0, processed, total, message);
  }

  @Override
  public void percent(double percent, @Nullable String message) {
    update(percent / 100, 0, 0, message);
  }

  /// Sends what was held back, if its time has come. Never waits for a handler that is just
  /// talking.
  void flushDue() {
    if (lock.tryLock()) {
      try {
        sendDue();
      } finally {
        lock.unlock();
      }
    }
  }

  /// Sends what was held back and hears no more.
  ///
  /// @return completes when the last record is on the broker
  CompletableFuture<?> finish() {
    lock.lock();
    try {
      if (pending && !finished) {
        sendNow();
      }
      finished = true;
      return lastSent;
    } finally {
      lock.unlock();
    }
  }

  int percent() {
    lock.lock();
    try {
      return wholePercent();
    } finally {
      lock.unlock();
    }
  }

  private void update(
      double newFraction, long newProcessed, long newTotal, @Nullable String newMessage) {
    lock.lock();
    try {
      if (finished || Double.isNaN(newFraction)) {
        return;
      }
      fraction = Math.max(fraction, Math.clamp(newFraction, 0.0, 1.0));
      processed = Math.max(processed, newProcessed);
      total = Math.max(total, newTotal);
      if (newMessage != null) {
        message =
            Outcomes.sendable(
                newMessage.substring(0, Math.min(newMessage.length(), LONGEST_MESSAGE)));
      }
      eta.at(nanoTime.getAsLong(), fraction);
      pending = true;
      sendDue();
    } finally {
      lock.unlock();
    }
  }

  private void sendDue() {
    if (pending && !finished && nanoTime.getAsLong() - sentAt >= intervalNanos) {
      sendNow();
    }
  }

  private void sendNow() {
    pending = false;
    sentAt = nanoTime.getAsLong();
    sequence++;
    lastSent =
        send.apply(
            new Progress(
                Status.PROCESSING,
                wholePercent(),
                job.jobId(),
                job.type(),
                job.tier(),
                job.attempt(),
                runId,
                total > 0 ? processed : null,
                total > 0 ? total : null,
                message,
                eta.remainingMs(sentAt),
                sequence,
                job.requestHash(),
                clock.instant()));
  }

  private int wholePercent() {
    return (int) Math.floor(fraction * 100 + 1e-9);
  }
}
