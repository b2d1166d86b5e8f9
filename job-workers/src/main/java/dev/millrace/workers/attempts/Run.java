package dev.millrace.workers.attempts;

import dev.millrace.contracts.Control;
import dev.millrace.contracts.Job;
import dev.millrace.workers.handlers.JobHandler;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// One execution of one epoch by this worker. Decides who ends it: its handler, a stop, or, when
/// the handler ignores the stop, the one who abandons it. Times are monotonic nanoseconds.
///
/// ```
/// WAITING ──grant──▶ RUNNING ──handler ends──▶ ENDED
///    │                  │ stop                   ▲
///    └──────stop──▶ STOPPING ──handler ends──────┤
///                       └──grace over──▶ abandoned
/// ```
final class Run {

  /// Why a run is told to stop.
  enum Stop {
    /// The ledger does not want it any more.
    REVOKED,
    /// Its run limit passed.
    TIMED_OUT,
    /// An effect of which the ledger may have heard nothing for too long.
    SILENT,
    /// Nobody waits for it, and somebody waits for its slot.
    YIELDED,
    /// The worker stops.
    DRAINED
  }

  private enum State {
    WAITING,
    RUNNING,
    STOPPING,
    ENDED
  }

  private final Job job;
  private final String runId;
  private final JobHandler handler;
  private final RunProgress progress;
  private final Scratch scratch;
  private final Slot slot;
  private final long startedAt;
  private final CountDownLatch told = new CountDownLatch(1);

  private State state;
  private @Nullable Stop stop;
  private @Nullable Thread thread;
  private boolean begun;
  private boolean computed;
  private boolean reported;
  private long begunAt;
  private long limitFrom;
  private long stoppedAt;
  private long heardAt;
  private long beatAt;
  private volatile Instant deadline = Instant.MAX;

  Run(
      Job job,
      String runId,
      JobHandler handler,
      RunProgress progress,
      Scratch scratch,
      Slot slot,
      long startedAt) {
    this.job = job;
    this.runId = runId;
    this.handler = handler;
    this.progress = progress;
    this.scratch = scratch;
    this.slot = slot;
    this.startedAt = startedAt;
    this.begunAt = startedAt;
    this.limitFrom = startedAt;
    this.heardAt = startedAt;
    this.beatAt = startedAt;
    this.state = job.effect() ? State.WAITING : State.RUNNING;
  }

  Job job() {
    return job;
  }

  String runId() {
    return runId;
  }

  JobHandler handler() {
    return handler;
  }

  RunProgress progress() {
    return progress;
  }

  Scratch scratch() {
    return scratch;
  }

  long startedAt() {
    return startedAt;
  }

  Instant deadline() {
    return deadline;
  }

  Slot slot() {
    return slot;
  }

  boolean is(Control control) {
    return job.jobId().equals(control.jobId())
        && job.epoch() == control.epoch()
        && switch (control) {
          case Control.Revoke revoke -> revoke.runId() == null || revoke.runId().equals(runId);
          case Control.Grant grant -> grant.runId().equals(runId);
        };
  }

  /// Waits for the grant if it needs one. On the handler's thread, before the handler.
  ///
  /// @return whether the handler may begin; if not, the run was stopped before
  synchronized boolean awaitTurn(LongSupplier nanoTime) {
    thread = Thread.currentThread();
    while (state == State.WAITING) {
      try {
        wait();
      } catch (InterruptedException e) {
        // a stop; the state says so
      }
    }
    begunAt = nanoTime.getAsLong();
    limitFrom = begunAt;
    begun = state == State.RUNNING;
    return begun;
  }

  void deadline(Instant time) {
    deadline = time;
  }

  /// An effect may begin. A grant that comes after a silence may be out of date and is not taken:
  /// the next heartbeat asks again.
  synchronized void grant(long now, long silenceNanos) {
    if (state == State.WAITING && now - heardAt < silenceNanos) {
      state = State.RUNNING;
      notifyAll();
    }
  }

  /// Tells the handler to stop. The first reason counts, and none after the handler has ended.
  ///
  /// @return whether this was the first
  synchronized boolean stop(Stop reason, long now) {
    if (state != State.WAITING && state != State.RUNNING) {
      return false;
    }
    state = State.STOPPING;
    stop = reason;
    stoppedAt = now;
    told.countDown();
    notifyAll();
    if (thread != null) {
      thread.interrupt();
    }
    return true;
  }

  /// Waits until the run is told to stop. On the handler's thread, behind the handler.
  ///
  /// @return whether it was, within `millis`
  boolean awaitStop(long millis) {
    try {
      return told.await(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      return stopped() != null; // else the handler left it behind
    }
  }

  /// The handler has ended, by itself or because it was stopped. No interrupt comes after this.
  ///
  /// @return whether its thread reports the outcome; false when the run was abandoned
  synchronized boolean end() {
    thread = null;
    var _ = Thread.interrupted();
    if (state == State.ENDED) {
      return false;
    }
    state = State.ENDED;
    return true;
  }

  /// Takes the run from a handler that has not stopped within `graceNanos`.
  ///
  /// @return whether it is taken, and must be reported by the caller
  synchronized boolean abandon(long now, long graceNanos) {
    if (state != State.STOPPING || now - stoppedAt < graceNanos) {
      return false;
    }
    state = State.ENDED;
    return true;
  }

  /// The reason it was told to stop, or null. What the handler returned then does not count.
  synchronized @Nullable Stop stopped() {
    return stop;
  }

  /// Whether its slot will be free before long.
  synchronized boolean leaving() {
    return state == State.STOPPING || state == State.ENDED;
  }

  boolean cancelled() {
    return stopped() != null || Thread.currentThread().isInterrupted();
  }

  synchronized boolean waiting() {
    return state == State.WAITING;
  }

  /// Whether the handler has begun, ever.
  synchronized boolean begun() {
    return begun;
  }

  /// The handler has returned its result, which is yet to be kept: the run limit begins anew. A
  /// result that came after the limit does not count.
  synchronized void computed(long now) {
    computed = stop != Stop.TIMED_OUT;
    limitFrom = now;
  }

  /// Whether the handler has returned its result, within its run limit.
  synchronized boolean computed() {
    return computed;
  }

  synchronized long runNanos(long now) {
    return now - begunAt;
  }

  /// Whether the run limit has passed: since the handler began, or, while it waits, since it was
  /// started, or, when its result is yet to be kept, since it returned that.
  synchronized boolean overdue(long now) {
    return (state == State.WAITING || state == State.RUNNING)
        && now - limitFrom >= TimeUnit.MILLISECONDS.toNanos(job.runLimitMs());
  }

  synchronized boolean silent(long now, long silenceNanos) {
    return job.effect() && state == State.RUNNING && now - heardAt >= silenceNanos;
  }

  /// Its outcome is about to be sent: it needs no lease any more.
  synchronized void reported() {
    reported = true;
  }

  /// Whether a heartbeat is due; the caller sends it then.
  synchronized boolean beat(long now, long intervalNanos) {
    if (reported || now - beatAt < intervalNanos) {
      return false;
    }
    beatAt = now;
    return true;
  }

  /// The broker has a heartbeat that was sent at `sentAt`.
  synchronized void heard(long sentAt) {
    heardAt = Math.max(heardAt, sentAt);
  }
}
