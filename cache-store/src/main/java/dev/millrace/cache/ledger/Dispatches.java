package dev.millrace.cache.ledger;

import static dev.millrace.contracts.DecisionKind.DISPATCHED;
import static dev.millrace.contracts.DecisionKind.PROMOTED;
import static dev.millrace.contracts.DecisionKind.REDISPATCHED;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.cache.ledger.Flight.Asked;
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
  ///
  /// @param reason why, when that is not plain; else null
  static void dispatch(Step step, Admitted request, @Nullable String reason) {
    var asked = Admission.asked(request);
    long epoch = step.nextEpoch();
    var jobId = JobId.of(request.type(), step.hash(), epoch);
    var current = Dispatch.queued(epoch, request.tier(), false, 1, step.generation(), step.now());
    var cohort = new Cohort(step.nextNumber(), step.generation(), 0, 0, 0).plus(request.tier(), 1);
    var flight = new Flight(jobId, asked, current, List.of(), List.of(cohort), 0, 0, 0, null);
    step.then(new Effect.PutParams(jobId, request.params()));
    step.decide(DISPATCHED)
        .request(request.requestId(), request.organizationId(), request.tier())
        .job(flight, current)
        .because(reason);
    Admission.waits(step, request, cohort.number(), Source.COMPUTED);
    enqueue(step, flight, request.params());
  }

  /// A new job that nobody waits for, in the lane of such; nothing when one is in flight already.
  ///
  /// @param tier of whoever caused it
  static void inBackground(Step step, Asked asked, Tier tier, ObjectNode params, String reason) {
    if (step.entry().flight() != null) {
      return;
    }
    long epoch = step.nextEpoch();
    var jobId = JobId.of(asked.type(), step.hash(), epoch);
    var current = Dispatch.queued(epoch, tier, true, 1, step.generation(), step.now());
    var flight = new Flight(jobId, asked, current, List.of(), List.of(), 0, 0, 0, true);
    step.then(new Effect.PutParams(jobId, params));
    step.decide(DISPATCHED).job(flight, current).because(reason);
    enqueue(step, flight, params);
  }

  /// A new job for waiters that a job which ended could not serve.
  static void dispatchFor(Step step, Flight ended, List<Cohort> waiters, ObjectNode params) {
    long epoch = step.nextEpoch();
    var jobId = JobId.of(ended.asked().type(), step.hash(), epoch);
    var left = ended.withCohorts(waiters);
    var current = Dispatch.queued(epoch, left.bestTier(), false, 1, step.generation(), step.now());
    var flight = new Flight(jobId, ended.asked(), current, List.of(), waiters, 0, 0, 0, null);
    step.then(new Effect.PutParams(jobId, params));
    step.decide(DISPATCHED)
        .job(flight, current)
        .because("its waiters asked after an invalidation the last job was older than");
    enqueue(step, flight, params);
  }

  /// Moves a queued job to the lane of a better joiner, or out of the background when it is the
  /// first who waits. A running one is left alone, and one in backoff finds its lane when the
  /// backoff is over.
  static void promote(Step step, Flight flight, Tier joiner) {
    var current = flight.current();
    boolean better = current.inBackground() || joiner.betterThan(current.lane());
    if (current.state() != State.QUEUED || !better) {
      return;
    }
    var params = params(step, flight);
    var promoted = flight.superseding(next(step, flight, current.attempt()));
    step.decide(PROMOTED)
        .job(promoted, promoted.current())
        .because(current.inBackground() ? "somebody waits for it" : "joined by a better tier");
    enqueue(step, promoted, params);
  }

  /// A new epoch of a job, at once.
  static void again(Step step, Flight flight, int attempt, String reason) {
    var params = params(step, flight);
    var next = flight.superseding(next(step, flight, attempt));
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
    var current = flight.current();
    var queue = step.view().queue(current);
    boolean overtaken = queue.startedEpoch() > epoch;
    boolean paused = !current.inBackground() && step.view().paused(current.lane());
    boolean stuck = queue.quiet() && queue.oldestEpoch() >= epoch && !paused;
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
        current.background(),
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

  /// The epoch that follows: in the lane of the best waiter, or in the background when nobody
  /// waits.
  private static Dispatch next(Step step, Flight flight, int attempt) {
    return Dispatch.queued(
        step.nextEpoch(),
        flight.bestTier(),
        flight.waiters() == 0,
        attempt,
        step.generation(),
        step.now());
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
