package dev.millrace.cache.ledger;

import static dev.millrace.contracts.DecisionKind.DEAD_LETTERED;
import static dev.millrace.contracts.DecisionKind.FAILED;
import static dev.millrace.contracts.DecisionKind.NOT_STORED;
import static dev.millrace.contracts.DecisionKind.REVOKED;
import static dev.millrace.contracts.DecisionKind.STORED;
import static dev.millrace.contracts.DecisionKind.SUCCEEDED;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.cache.ledger.Entry.Answer;
import dev.millrace.cache.ledger.Flight.Asked;
import dev.millrace.cache.ledger.Flight.Cohort;
import dev.millrace.cache.ledger.Flight.Dispatch;
import dev.millrace.cache.ledger.Flight.State;
import dev.millrace.cache.ledger.Rows.Ending;
import dev.millrace.contracts.Failure;
import dev.millrace.contracts.FailureCode;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.Outcome;
import dev.millrace.contracts.Progress;
import dev.millrace.contracts.Sha256;
import dev.millrace.contracts.Status;
import dev.millrace.runtime.request.CanonicalJson;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// How a job ends: whom the end serves, whether the answer is kept, and what goes on for the
/// waiters it does not serve.
final class Ends {

  /// The largest result a record carries; workers put larger ones into the blob store.
  static final int LARGEST_INLINE_BYTES = 512 * 1024;

  static final String LARGER_THAN_THE_CACHE =
      "larger than the partition's share of cache.max.bytes";

  private Ends() {}

  /// A run has an answer. It counts when the run is the bound one of the current epoch or of a
  /// superseded one.
  static void succeeded(Step step, Outcome.Succeeded succeeded) {
    var flight = step.entry().flight();
    var dispatch =
        flight != null && flight.jobId().equals(succeeded.jobId())
            ? flight.bound(succeeded.epoch(), succeeded.runId()).orElse(null)
            : null;
    if (flight == null || dispatch == null) {
      Runs.stale(step, succeeded, succeeded.runId(), "succeeded");
      return;
    }
    var result = inline(succeeded.result());
    if (result.bytes() > LARGEST_INLINE_BYTES) {
      if (dispatch.epoch() != flight.current().epoch()) {
        Runs.stale(step, succeeded, succeeded.runId(), "succeeded with too large a result");
        return;
      }
      failed(step, flight, dispatch, tooLarge(result.bytes(), dispatch.attempt()));
      return;
    }
    step.decide(SUCCEEDED).job(flight, dispatch).because(null);
    keep(step, flight, dispatch, succeeded, result);
    end(
        step,
        flight,
        dispatch,
        new Ending(
            step.nextNumber(),
            step.hash(),
            flight.jobId(),
            flight.asked().type(),
            Status.COMPLETED,
            dispatch.attempt(),
            succeeded.runMs(),
            succeeded.result(),
            succeeded.resultRef(),
            succeeded.resultBytes(),
            succeeded.resultSha256() == null ? result.sha256() : succeeded.resultSha256(),
            null,
            List.of(),
            0,
            step.now()));
  }

  /// The current attempt was the last one, or can never succeed.
  static void failed(Step step, Flight flight, Failure failure) {
    failed(step, flight, flight.current(), failure);
  }

  private static void failed(Step step, Flight flight, Dispatch dispatch, Failure failure) {
    step.decide(FAILED).job(flight, dispatch).because(failure.code());
    step.decide(DEAD_LETTERED).job(flight, dispatch).because(failure.code());
    var params = Dispatches.params(step, flight);
    step.then(
        new Effect.Bury(
            Dispatches.job(step, flight.withCurrent(dispatch), params, Status.FAILED), failure));
    remember(step, flight, dispatch, failure);
    end(
        step,
        flight,
        dispatch,
        new Ending(
            step.nextNumber(),
            step.hash(),
            flight.jobId(),
            flight.asked().type(),
            Status.FAILED,
            dispatch.attempt(),
            0,
            null,
            null,
            null,
            null,
            failure,
            List.of(),
            0,
            step.now()));
  }

  /// The terminal progress record of a job: there is exactly one.
  static Effect finish(Step step, Flight flight, Status status) {
    var current = flight.current();
    return new Effect.Finish(
        new Progress(
            status,
            status == Status.COMPLETED ? 100 : null,
            flight.jobId(),
            flight.asked().type(),
            current.lane(),
            current.attempt(),
            current.runId(),
            null,
            null,
            null,
            null,
            Progress.TERMINAL_SEQUENCE,
            step.hash(),
            step.now()));
  }

  /// Serves the waiters whose generation the ended epoch covers. For others a newer epoch that
  /// covers them goes on, else a new job is dispatched.
  private static void end(Step step, Flight flight, Dispatch ended, Ending ending) {
    var served = new ArrayList<Long>();
    var left = new ArrayList<Cohort>();
    for (var cohort : flight.cohorts()) {
      if (cohort.generation() <= ended.generation()) {
        served.add(cohort.number());
      } else {
        left.add(cohort);
      }
    }
    long needed = left.stream().mapToLong(Cohort::generation).max().orElse(0);
    boolean successorGoesOn =
        !left.isEmpty()
            && flight.current().epoch() != ended.epoch()
            && flight.current().generation() >= needed;
    var params = left.isEmpty() || successorGoesOn ? null : Dispatches.params(step, flight);

    if (successorGoesOn) {
      var others =
          flight.superseded().stream().filter(other -> other.epoch() != ended.epoch()).toList();
      step.entry(step.entry().with(flight.withSuperseded(others).withCohorts(left)));
    } else {
      close(step, flight, ended, ending.status());
    }
    if (!served.isEmpty()) {
      var ends = new ArrayList<>(step.entry().endingCohorts());
      ends.addAll(served);
      step.entry(step.entry().withEnding(ends));
      step.then(new Effect.FanOut(ending.at(served, 0)));
    }
    if (params != null) {
      Dispatches.dispatchFor(step, flight, left, params);
    }
  }

  /// Takes the job out of flight; a successor that nobody needs any more is told to stop.
  private static void close(Step step, Flight flight, Dispatch ended, Status status) {
    var current = flight.current();
    if (current.epoch() != ended.epoch() && current.state() == State.RUNNING) {
      step.decide(REVOKED)
          .job(flight, current)
          .because("epoch " + ended.epoch() + " ended the job");
      Runs.revoke(step, flight.jobId(), current.epoch(), current.runId(), "the job has ended");
    }
    step.then(new Effect.Release(step.hash()));
    step.then(finish(step, flight.withCurrent(ended), status));
    step.then(new Effect.DropParams(flight.jobId()));
    step.entry(step.entry().with((Flight) null));
  }

  private static void keep(
      Step step, Flight flight, Dispatch dispatch, Outcome.Succeeded succeeded, Inline result) {
    var asked = flight.asked();
    long resultBytes = succeeded.resultBytes() == null ? result.bytes() : succeeded.resultBytes();
    var refusal =
        Keeping.refusal(
                asked,
                step.view().limits().threshold(),
                new Keeping.Brought(
                    Optional.ofNullable(succeeded.confidence()),
                    resultBytes,
                    () -> canonicalBytes(Dispatches.params(step, flight))))
            .or(() ->
                invalidatedSince(step, asked, dispatch.generation())
                    ? Optional.of("invalidated while it was computed")
                    : Optional.empty())
            .or(() -> overBudget(step, result));
    if (refusal.isPresent()) {
      step.decide(NOT_STORED).job(flight, dispatch).because(refusal.get());
      var known = step.entry().answer();
      if (known != null) {
        Refreshes.pause(step, known, asked);
      }
      return;
    }
    var sha256 = succeeded.resultSha256() == null ? result.sha256() : succeeded.resultSha256();
    var ttlMs = ttlMs(step, asked, sha256);
    var expiresAt = ttlMs == null ? null : step.now().plusMillis(ttlMs);
    step.decide(STORED).job(flight, dispatch).expires(expiresAt).done();
    if (succeeded.result() != null) {
      step.then(new Effect.PutResult(step.hash(), asked.type(), succeeded.result()));
    } else {
      step.then(new Effect.DropResult(step.hash()));
    }
    store(
        step,
        new Answer(
            flight.jobId(),
            dispatch.epoch(),
            dispatch.generation(),
            asked.tags(),
            step.now(),
            expiresAt,
            dispatch.attempt(),
            succeeded.runMs(),
            succeeded.resultRef(),
            resultBytes,
            sha256,
            null,
            null,
            asked.policy().staleMs(),
            null));
  }

  /// How long the answer is good; null: for ever. Where that adapts, it is noted for the next one.
  private static @Nullable Long ttlMs(Step step, Asked asked, @Nullable String sha256) {
    var caching = asked.policy().caching();
    if (caching == null || !caching.adapts()) {
      return asked.ttlMs();
    }
    var last = step.entry().lifetime();
    var next = Lifetime.of(last, caching, asked.policy().ttlMs(), sha256, step.now());
    step.entry(step.entry().with(next));
    if (last == null) {
      step.then(Lifetime.due(step.hash(), next)); // else one is on its way, and will see this one
    }
    return next.ttlMs();
  }

  /// Whether what is asked was invalidated after the dispatch, so that its answer is not kept.
  static boolean invalidatedSince(Step step, Asked asked, long generation) {
    long last = LedgerRules.lastInvalidation(step.view(), asked.tags(), asked.type(), step.hash());
    return last > generation;
  }

  private static Optional<String> overBudget(Step step, Inline result) {
    return step.view().fits(Answers.bytes(result.bytes()))
        ? Optional.empty()
        : Optional.of(LARGER_THAN_THE_CACHE);
  }

  private static int canonicalBytes(JsonNode params) {
    return CanonicalJson.of(params).getBytes(StandardCharsets.UTF_8).length;
  }

  /// A permanent failure is an answer too, for a short while.
  private static void remember(Step step, Flight flight, Dispatch dispatch, Failure failure) {
    var asked = flight.asked();
    var known = step.entry().answer();
    if (known != null
        && Answers.given(step, known, asked.tags(), asked.type())
        && !step.view().missing(known)) {
      Refreshes.pause(step, known, asked);
      return; // a refresh that fails leaves the good answer where it is
    }
    if (failure.retryable() || !asked.stores() || asked.policy().negativeTtlMs() == 0) {
      return;
    }
    var expiresAt = step.now().plusMillis(asked.policy().negativeTtlMs());
    step.decide(STORED).job(flight, dispatch).expires(expiresAt).because("permanent failure");
    step.then(new Effect.DropResult(step.hash()));
    store(
        step,
        new Answer(
            flight.jobId(),
            dispatch.epoch(),
            dispatch.generation(),
            asked.tags(),
            step.now(),
            expiresAt,
            dispatch.attempt(),
            0,
            null,
            null,
            null,
            failure,
            null,
            null,
            null));
  }

  /// Puts an answer in the place of the one before, with a note of when it ends.
  static void store(Step step, Answer answer) {
    step.entry(step.entry().with(answer));
    Instant keptUntil = answer.keptUntil();
    if (keptUntil != null) {
      step.then(new Effect.AddDue(new Due(Due.Kind.ANSWER, keptUntil, step.hash().hex(), "")));
    }
  }

  /// The size and digest of a result that travels in its record.
  record Inline(int bytes, @Nullable String sha256) {}

  static Inline inline(@Nullable JsonNode result) {
    if (result == null) {
      return new Inline(0, null);
    }
    try {
      var bytes = Json.MAPPER.writeValueAsBytes(result);
      return new Inline(bytes.length, Sha256.hex(bytes));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a result that was read cannot be written", e);
    }
  }

  private static Failure tooLarge(int bytes, int attempt) {
    return Failure.of(
        FailureCode.TOO_LARGE,
        "the result has "
            + bytes
            + " bytes, and a record carries at most "
            + LARGEST_INLINE_BYTES
            + ": the worker must put it into the blob store",
        false,
        attempt);
  }
}
