package dev.millrace.cache.ledger;

import static dev.millrace.contracts.DecisionKind.RETRIED;
import static dev.millrace.contracts.DecisionKind.REVOKED;
import static dev.millrace.contracts.DecisionKind.STALE_OUTCOME;
import static dev.millrace.contracts.DecisionKind.STARTED;

import dev.millrace.cache.ledger.Flight.Dispatch;
import dev.millrace.cache.ledger.Flight.State;
import dev.millrace.contracts.Alert;
import dev.millrace.contracts.Control;
import dev.millrace.contracts.DeclineReason;
import dev.millrace.contracts.Failure;
import dev.millrace.contracts.FailureCode;
import dev.millrace.contracts.JobId;
import dev.millrace.contracts.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a run says, and what the ledger makes of it: one run per epoch, and only the current
/// epoch's run may go on.
final class Runs {

  /// Lost leases in a row after which the job is suspected of killing its workers.
  private static final int LOST_IN_A_ROW = 3;

  private static final Duration WAIT = Duration.ofSeconds(10);
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(10);

  private Runs() {}

  /// Binds the epoch to the run, or tells the run to stop.
  static void started(Step step, Outcome.Started started) {
    var flight = flightOf(step, started);
    if (flight == null) {
      unwanted(step, started, started.runId());
      return;
    }
    var current = flight.current();
    if (current.is(State.QUEUED, started.epoch())) {
      bind(step, flight, current, started.runId(), null);
    } else if (current.state() == State.RUNNING
        && current.boundTo(started.epoch(), started.runId())) {
      wanted(step, flight);
    } else {
      var crossed = crossed(flight, started.epoch());
      if (crossed.isPresent() && current.state() == State.QUEUED) {
        bind(
            step,
            flight,
            crossed.get(),
            started.runId(),
            "epoch " + current.epoch() + " is void: this one was started first");
      } else {
        unwanted(step, started, started.runId());
      }
    }
  }

  /// A run is alive: its lease starts anew.
  static void heartbeat(Step step, Outcome.Heartbeat heartbeat) {
    var flight = flightOf(step, heartbeat);
    if (flight != null
        && flight.current().state() == State.RUNNING
        && flight.current().boundTo(heartbeat.epoch(), heartbeat.runId())) {
      step.then(lease(step, flight));
      if (heartbeat.waiting()) {
        grant(step, flight);
      }
    } else {
      revoke(step, heartbeat.jobId(), heartbeat.epoch(), heartbeat.runId(), "not wanted");
    }
  }

  /// An attempt failed: wait and try again, or give the job up.
  static void failed(Step step, Outcome.Failed failed) {
    var flight = running(step, failed, failed.runId());
    if (flight == null) {
      stale(step, failed, failed.runId(), "failed");
      return;
    }
    var current = flight.current();
    var error = withAttempt(failed.error(), current.attempt());
    step.then(new Effect.Release(step.hash()));
    if (!error.retryable() || current.attempt() >= flight.asked().maxAttempts()) {
      Ends.failed(step, flight.withStrikes(0, 0, 0), error);
      return;
    }
    var notBefore =
        step.now()
            .plus(
                RetryPolicy.wait(
                    flight.asked().policy(), current.attempt(), failed.retryAfterMs()));
    step.decide(RETRIED)
        .job(flight, current)
        .notBefore(notBefore)
        .because(error.code() + ": " + error.message());
    Dispatches.backoff(step, flight.withStrikes(0, 0, 0), notBefore);
  }

  /// A run stopped. When nobody told it to, the dispatch is given out again.
  static void stopped(Step step, Outcome.Cancelled cancelled) {
    var flight = running(step, cancelled, cancelled.runId());
    if (flight == null) {
      stale(step, cancelled, cancelled.runId(), "cancelled");
    } else {
      Dispatches.again(step, flight, flight.current().attempt(), "its run stopped by itself");
    }
  }

  /// A worker gave the dispatch back: the attempt does not count.
  static void declined(Step step, Outcome.Declined declined) {
    var flight = flightOf(step, declined);
    if (flight == null || !(holds(flight, declined) || waits(flight, declined))) {
      stale(step, declined, declined.runId(), "declined");
      return;
    }
    var type = flight.asked().type();
    int unknown = flight.unknown();
    int notKept = flight.notKept();
    switch (declined.reason()) {
      case UNKNOWN_TYPE ->
          waitForHelp(
              step,
              flight.withStrikes(flight.lost(), unknown + 1, notKept),
              unknown,
              declined.reason(),
              "no worker knows the type " + type,
              "start workers that have a handler for it on their class path");
      case NOT_KEPT ->
          waitForHelp(
              step,
              flight.withStrikes(flight.lost(), unknown, notKept + 1),
              notKept,
              declined.reason(),
              "worker " + declined.workerId() + " can keep no large result of the type " + type,
              "see its log: room and rights in blobs.dir, or the bucket, endpoint and keys of"
                  + " blobs.s3");
      case DRAIN, BUSY, YIELD ->
          Dispatches.again(
              step, flight, flight.current().attempt(), "declined: " + declined.reason().id());
    }
  }

  /// The lease of a run is over.
  static void lost(Step step, Outcome.Check check) {
    var flight = running(step, check, check.runId());
    if (flight == null) {
      return;
    }
    var current = flight.current();
    int lost = flight.lost() + 1;
    var struck = flight.withStrikes(lost, 0, 0);
    step.then(new Effect.Release(step.hash()));
    step.decide(REVOKED).job(flight, current).because("lease over");
    step.then(
        new Effect.Direct(
            new Control.Revoke(
                flight.jobId(), current.epoch(), current.runId(), "lease over", step.now())));
    boolean again = current.attempt() < flight.asked().maxAttempts() && lost < LOST_IN_A_ROW;
    if (again) {
      Dispatches.again(step, struck, current.attempt() + 1, FailureCode.WORKER_LOST.name());
    } else {
      Ends.failed(
          step,
          struck,
          Failure.of(
              FailureCode.WORKER_LOST,
              "the worker fell silent in attempt "
                  + current.attempt()
                  + ", the "
                  + lost
                  + ". time in a row",
              true,
              current.attempt()));
    }
  }

  /// Tells a run to stop and records that.
  static void revoke(Step step, JobId jobId, long epoch, @Nullable String runId, String reason) {
    step.then(new Effect.Direct(new Control.Revoke(jobId, epoch, runId, reason, step.now())));
  }

  static void stale(Step step, Outcome outcome, @Nullable String runId, String what) {
    step.decide(STALE_OUTCOME)
        .job(outcome.jobId(), outcome.epoch())
        .run(runId)
        .because(what + " of an epoch or run that no longer counts");
  }

  private static void bind(
      Step step, Flight flight, Dispatch dispatch, String runId, @Nullable String reason) {
    // What else was queued can never be started: this attempt has its run.
    var bound =
        flight.withSuperseded(bound(flight)).withCurrent(dispatch.running(runId, step.now()));
    step.entry(step.entry().with(bound));
    step.decide(STARTED).job(bound, bound.current()).because(reason);
    wanted(step, bound);
  }

  private static void wanted(Step step, Flight flight) {
    step.then(lease(step, flight));
    grant(step, flight);
  }

  private static void grant(Step step, Flight flight) {
    var runId = flight.current().runId();
    if (flight.asked().policy().effect() && runId != null) {
      step.then(
          new Effect.Direct(
              new Control.Grant(flight.jobId(), flight.current().epoch(), runId, step.now())));
    }
  }

  private static void unwanted(Step step, Outcome outcome, String runId) {
    step.decide(REVOKED)
        .job(outcome.jobId(), outcome.epoch())
        .run(runId)
        .because("its epoch is void, replaced or bound to another run");
    revoke(step, outcome.jobId(), outcome.epoch(), runId, "not wanted");
  }

  /// Lets a job wait that would come to nothing as things are: longer each time, and the first time
  /// an operator is told.
  ///
  /// @param before how often in a row it has waited for this
  private static void waitForHelp(
      Step step, Flight flight, int before, DeclineReason reason, String what, String next) {
    var wait = WAIT.multipliedBy(1L << Math.min(before, 6));
    if (wait.compareTo(LONGEST_WAIT) > 0) {
      wait = LONGEST_WAIT;
    }
    var notBefore = step.now().plus(wait);
    // Without a run, so that the epoch that follows does not count as another attempt.
    var given = flight.current().givenBack();
    step.decide(RETRIED).job(flight, given).notBefore(notBefore).because(what);
    if (before == 0) {
      step.then(
          new Effect.Warn(
              new Alert(
                  "warning",
                  reason.id() + ":" + flight.asked().type(),
                  what + "; jobs of this type wait",
                  next,
                  step.now())));
    }
    step.then(new Effect.Release(step.hash()));
    Dispatches.backoff(step, flight.withCurrent(given), notBefore);
  }

  private static Effect.Lease lease(Step step, Flight flight) {
    var current = flight.current();
    return new Effect.Lease(
        step.hash(), flight.jobId(), current.epoch(), String.valueOf(current.runId()));
  }

  /// Whether the dispatch given back has not been started.
  private static boolean waits(Flight flight, Outcome.Declined declined) {
    return flight.current().is(State.QUEUED, declined.epoch());
  }

  /// Whether the run that gives its dispatch back is the one that may go on.
  private static boolean holds(Flight flight, Outcome.Declined declined) {
    var runId = declined.runId();
    return runId != null
        && flight.current().state() == State.RUNNING
        && flight.current().boundTo(declined.epoch(), runId);
  }

  private static @Nullable Flight flightOf(Step step, Outcome outcome) {
    var flight = step.entry().flight();
    return flight != null && flight.jobId().equals(outcome.jobId()) ? flight : null;
  }

  private static @Nullable Flight running(Step step, Outcome outcome, String runId) {
    var flight = flightOf(step, outcome);
    return flight != null
            && flight.current().state() == State.RUNNING
            && flight.current().boundTo(outcome.epoch(), runId)
        ? flight
        : null;
  }

  private static Optional<Dispatch> crossed(Flight flight, long epoch) {
    return flight.superseded().stream()
        .filter(dispatch -> dispatch.runId() == null && dispatch.epoch() == epoch)
        .findFirst();
  }

  private static List<Dispatch> bound(Flight flight) {
    return flight.superseded().stream().filter(dispatch -> dispatch.runId() != null).toList();
  }

  private static Failure withAttempt(Failure failure, int attempt) {
    return new Failure(failure.code(), failure.message(), failure.retryable(), attempt);
  }
}
