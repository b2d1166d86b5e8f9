package dev.millrace.cache.ledger;

import static dev.millrace.contracts.DecisionKind.DISPATCHED;
import static dev.millrace.contracts.DecisionKind.PROMOTED;
import static dev.millrace.contracts.DecisionKind.REDISPATCHED;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.cache.ledger.Flight.Cohort;
import dev.millrace.cache.ledger.Flight.Dispatch;
import dev.millrace.cache.ledger.Flight.State;
import dev.millrace.contracts.Admitted;
import dev.millrace.contracts.Job;
import dev.millrace.contracts.JobId;
import dev.millrace.contracts.RetryDelay;
import dev.millrace.contracts.Source;
import dev.millrace.contracts.Status;
import dev.millrace.contracts.Tier;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Sending a job to a lane: the first time, in a better lane, and again.
final class Dispatches {

  private static final Duration FIRST_HINT = Duration.ofSeconds(30);
  private static final Duration LONGEST_HINT = Duration.ofMinutes(10);

  /// How late a retry record may be before the ledger goes on without it.
  private static final Duration RETRY_GRACE = Duration.ofSeconds(30);

  private Dispatches() {}

  /// A new job for a request that nothing answers and nothing in flight will.
  static void dispatch(Step step, Admitted request) {
    var asked = Admission.asked(request);
    long epoch = step.nextEpoch();
    var jobId = JobId.of(request.type(), step.hash(), epoch);
    var current =
        new Dispatch(
            epoch, State.QUEUED, request.tier(), 1, step.generation(), step.now(), null, null);
    var cohort = new Cohort(step.nextNumber(), step.generation(), 0, 0, 0).plus(request.tier(), 1);
    var flight = new Flight(jobId, asked, current, List.of(), List.of(cohort), 0, 0);
    step.then(new Effect.PutParams(jobId, request.params()));
    step.decide(DISPATCHED)
        .request(request.requestId(), request.organizationId(), request.tier())
        .job(flight, current)
        .done();
    Admission.waits(step, request, cohort.number(), Source.COMPUTED);
    enqueue(step, flight, request.params());
  }

  /// A new job for waiters that a job which ended could not serve.
  static void dispatchFor(Step step, Flight ended, List<Cohort> waiters, ObjectNode params) {
    long epoch = step.nextEpoch();
    var jobId = JobId.of(ended.asked().type(), step.hash(), epoch);
    var left = ended.withCohorts(waiters);
    var current =
        new Dispatch(
            epoch, State.QUEUED, left.bestTier(), 1, step.generation(), step.now(), null, null);
    var flight = new Flight(jobId, ended.asked(), current, List.of(), waiters, 0, 0);
    step.then(new Effect.PutParams(jobId, params));
    step.decide(DISPATCHED)
        .job(flight, current)
        .because("its waiters asked after an invalidation the last job was older than");
    enqueue(step, flight, params);
  }

  /// Moves a queued job to the lane of a better joiner. A running one is left alone, and one in
  /// backoff finds its lane when the backoff is over.
  static void promote(Step step, Flight flight, Tier joiner) {
    var current = flight.current();
    if (current.state() != State.QUEUED || !joiner.betterThan(current.lane())) {
      return;
    }
    var params = params(step, flight);
    var promoted = flight.superseding(next(step, joiner, current.attempt()));
    step.decide(PROMOTED).job(promoted, promoted.current()).because("joined by a better tier");
    enqueue(step, promoted, params);
  }

  /// A new epoch of a job, at once.
  static void again(Step step, Flight flight, int attempt, String reason) {
    var params = params(step, flight);
    var next = flight.superseding(next(step, flight.bestTier(), attempt));
    step.decide(REDISPATCHED).job(next, next.current()).because(reason);
    enqueue(step, next, params);
  }

  /// The wait of an epoch may be over: goes on when it is, walks on when it is not.
  static void backoffOver(Step step, long epoch) {
    var flight = step.entry().flight();
    if (flight == null || !flight.current().is(State.BACKOFF, epoch)) {
      return;
    }
    var current = flight.current();
    var notBefore = current.notBefore() == null ? step.now() : current.notBefore();
    if (step.now().isBefore(notBefore)) {
      delay(step, flight, Duration.between(step.now(), notBefore));
    } else {
      boolean failed = current.runId() != null;
      again(step, flight, current.attempt() + (failed ? 1 : 0), "its wait is over");
    }
  }

  /// Lets a failed job wait: in a retry topic, with a note in the ledger in case that record is
  /// lost.
  static void backoff(Step step, Flight flight, Instant notBefore) {
    var waiting = flight.withCurrent(flight.current().backoff(notBefore));
    step.entry(step.entry().with(waiting));
    step.then(
        new Effect.AddDue(
            new Due(
                Due.Kind.BACKOFF,
                notBefore.plus(RETRY_GRACE),
                step.hash().hex(),
                Long.toString(waiting.current().epoch()))));
    delay(step, waiting, Duration.between(step.now(), notBefore));
  }

  private static void delay(Step step, Flight flight, Duration remaining) {
    if (remaining.compareTo(RetryDelay.SECOND.duration()) < 0) {
      step.then(
          new Effect.AddDue(
              new Due(
                  Due.Kind.BACKOFF,
                  step.now().plus(remaining),
                  step.hash().hex(),
                  Long.toString(flight.current().epoch()))));
      return;
    }
    var job = job(step, flight, params(step, flight), Status.RETRYING);
    step.then(new Effect.Delay(job, RetryDelay.within(remaining)));
  }

  /// Writes the lane record of a queued job again when the first may be lost: later jobs of the
  /// lane have long started, or nothing of the lane starts here at all and this is its oldest.
  static void hintAgain(Step step, Due due) {
    var parts = due.detail().split(":", 2);
    long epoch = Long.parseLong(parts[0]);
    long waited = Long.parseLong(parts[1]);
    var flight = step.entry().flight();
    if (flight == null || !flight.current().is(State.QUEUED, epoch)) {
      return;
    }
    var lane = flight.current().lane();
    var queue = step.view().queue(lane);
    boolean overtaken = queue.startedEpoch() > epoch;
    boolean stuck = queue.quiet() && queue.oldestEpoch() >= epoch && !step.view().paused(lane);
    if (overtaken || stuck) {
      step.then(new Effect.Dispatch(job(step, flight, params(step, flight), Status.QUEUED)));
      waited = Math.min(waited * 2, LONGEST_HINT.toMillis());
    }
    remember(step, epoch, waited);
  }

  /// The record of a job as it stands now.
  static Job job(Step step, Flight flight, ObjectNode params, Status status) {
    var current = flight.current();
    var asked = flight.asked();
    return new Job(
        status,
        flight.jobId(),
        asked.type(),
        current.lane(),
        current.epoch(),
        current.attempt(),
        asked.maxAttempts(),
        step.hash(),
        step.partition(),
        asked.policy().runLimitMs(),
        asked.policy().effect(),
        null,
        step.now(),
        current.notBefore(),
        asked.traceparent(),
        params);
  }

  static ObjectNode params(Step step, Flight flight) {
    @Nullable ObjectNode params = step.view().params(flight.jobId());
    if (params == null) {
      throw new IllegalStateException("the params of job " + flight.jobId() + " are missing");
    }
    return params;
  }

  private static Dispatch next(Step step, Tier lane, int attempt) {
    return new Dispatch(
        step.nextEpoch(), State.QUEUED, lane, attempt, step.generation(), step.now(), null, null);
  }

  private static void enqueue(Step step, Flight flight, ObjectNode params) {
    step.entry(step.entry().with(flight));
    step.then(new Effect.Release(step.hash()));
    step.then(new Effect.Dispatch(job(step, flight, params, Status.QUEUED)));
    remember(step, flight.current().epoch(), FIRST_HINT.toMillis());
  }

  private static void remember(Step step, long epoch, long waitMs) {
    step.then(
        new Effect.AddDue(
            new Due(
                Due.Kind.QUEUED,
                step.now().plusMillis(waitMs),
                step.hash().hex(),
                epoch + ":" + waitMs)));
  }
}
