package dev.millrace.cache.ledger;

import static dev.millrace.contracts.DecisionKind.CANCELLED;
import static dev.millrace.contracts.DecisionKind.EXPIRED;
import static dev.millrace.contracts.DecisionKind.HIT;
import static dev.millrace.contracts.DecisionKind.JOINED;
import static dev.millrace.contracts.DecisionKind.REFUSED;
import static dev.millrace.contracts.DecisionKind.REPEATED;
import static dev.millrace.contracts.DecisionKind.TOO_LATE;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.cache.ledger.Entry.Answer;
import dev.millrace.cache.ledger.Flight.Asked;
import dev.millrace.cache.ledger.Flight.Cohort;
import dev.millrace.cache.ledger.Rows.RequestEnd;
import dev.millrace.cache.ledger.Rows.RequestKey;
import dev.millrace.cache.ledger.Rows.RequestRow;
import dev.millrace.cache.ledger.Rows.Waiter;
import dev.millrace.cache.ledger.Rows.WaiterKey;
import dev.millrace.contracts.Admitted;
import dev.millrace.contracts.CacheMode;
import dev.millrace.contracts.Completion;
import dev.millrace.contracts.Failure;
import dev.millrace.contracts.FailureCode;
import dev.millrace.contracts.Source;
import dev.millrace.contracts.Status;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What happens to a request that comes: repeated, answered, refused, joined or dispatched.
final class Admission {

  /// Why a job is dispatched although an answer is known: its row cannot be read, or its blob is
  /// gone.
  private static final String RESULT_MISSING = "result missing";

  private Admission() {}

  static void admit(Step step, Admitted request) {
    var known = step.view().request(RequestKey.of(request));
    if (known != null) {
      again(step, request, known);
      return;
    }
    boolean cancelled = step.view().cancelledAhead(request.organizationId(), request.requestId());
    if (answeredAtTheDoor(request)) {
      if (cancelled) {
        decided(step, request, TOO_LATE, "answered");
      }
      answeredHit(step, request);
    } else if (cancelled) {
      decided(step, request, CANCELLED, "cancelled before it came");
      end(step, request, RequestEnds.without(Status.CANCELLED, null, step.now()), null);
    } else {
      answerOrCompute(step, request);
    }
  }

  private static void answerOrCompute(Step step, Admitted request) {
    var answer = step.entry().answer();
    var source = answer == null ? null : Answers.hit(step, answer, request);
    var known = answer == null || source == null ? null : known(step, answer, source);
    if (known != null) {
      hit(step, request, known);
    } else if (request.mode() == CacheMode.ONLY) {
      decided(step, request, REFUSED, "not cached");
      var failure =
          Failure.of(
              FailureCode.NOT_CACHED,
              "no valid answer is cached, and cache.mode is only: ask with cache.mode default to"
                  + " have it computed",
              false,
              0);
      end(step, request, RequestEnds.without(Status.FAILED, failure, step.now()), null);
    } else if (request.deadline() != null && !step.now().isBefore(request.deadline())) {
      decided(step, request, EXPIRED, "deadline");
      end(step, request, RequestEnds.without(Status.EXPIRED, null, step.now()), null);
    } else if (step.entry().flight() == null) {
      Dispatches.dispatch(step, request, source == null ? null : RESULT_MISSING);
    } else if (step.entry().flight().waiters() >= step.view().limits().waiters()) {
      tooMany(step, request, step.entry().flight().waiters());
    } else {
      join(step, request, step.entry().flight());
    }
  }

  private static void tooMany(Step step, Admitted request, int waiters) {
    decided(step, request, REFUSED, "too many waiters");
    var failure =
        Failure.of(
            FailureCode.TOO_MANY_WAITERS,
            waiters
                + " requests wait for this answer already, as many as cache.waiters.max lets:"
                + " ask again when it is known",
            true,
            0);
    end(step, request, RequestEnds.without(Status.FAILED, failure, step.now()), null);
  }

  /// An answer that may be given, and how.
  ///
  /// @param result null: a failure, or in the blob store
  private record Known(Answer answer, Source source, @Nullable JsonNode result) {}

  /// An answer that may be given, when its result can be had.
  private static @Nullable Known known(Step step, Answer answer, Source source) {
    if (answer.failure() != null || answer.resultRef() != null) {
      return step.view().missing(answer) ? null : new Known(answer, source, null);
    }
    var result = step.view().result(step.hash(), answer);
    return result == null ? null : new Known(answer, source, result);
  }

  private static void hit(Step step, Admitted request, Known known) {
    var answer = known.answer();
    step.decide(HIT)
        .request(request.requestId(), request.organizationId(), request.tier())
        .type(request.type())
        .job(answer.jobId(), answer.epoch())
        .expires(answer.expiresAt())
        .because(known.source() == Source.STALE ? "stale" : null);
    step.then(new Effect.Touch(step.hash()));
    end(step, request, RequestEnds.cached(answer, known.source(), step.now()), known.result());
    Refreshes.consider(step, request, answer);
  }

  /// The door has given the answer of a job of this very hash already: no run for it, whatever the
  /// entry has become.
  private static void answeredHit(Step step, Admitted request) {
    var answer = step.entry().answer();
    var jobId = Objects.requireNonNull(request.answered());
    step.decide(HIT)
        .request(request.requestId(), request.organizationId(), request.tier())
        .type(request.type())
        .job(jobId, epochOf(jobId.value()))
        .because("answered");
    if (answer != null && answer.jobId().equals(jobId) && answer.failure() == null) {
      step.then(new Effect.Touch(step.hash()));
      var result = answer.resultRef() == null ? step.view().result(step.hash(), answer) : null;
      end(step, request, RequestEnds.cached(answer, Source.CACHED, step.now()), result);
      if (Answers.given(step, answer, request.tags(), request.type())) {
        Refreshes.consider(step, request, answer);
      }
    } else {
      end(step, request, RequestEnds.cachedElsewhere(jobId, step.now()), null);
    }
  }

  private static boolean answeredAtTheDoor(Admitted request) {
    var answered = request.answered();
    return answered != null
        && answered.value().startsWith(request.type() + ":" + request.requestHash().prefix() + ":");
  }

  private static long epochOf(String jobId) {
    try {
      return Long.parseLong(jobId.substring(jobId.lastIndexOf(':') + 1));
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  /// The same request again: a replay says nothing, a repeat gets its completion again.
  private static void again(Step step, Admitted request, RequestRow known) {
    if (known.origin().equals(request.origin())) {
      return;
    }
    var end = known.end();
    decided(step, request, REPEATED, end == null ? "still waiting" : "ended");
    if (end != null) {
      var answer = step.entry().answer();
      JsonNode result = null;
      if (answer != null
          && answer.jobId().equals(end.jobId())
          && Objects.equals(answer.resultSha256(), end.resultSha256())
          && answer.resultRef() == null
          && Answers.fresh(step, answer, request.tags(), request.type())) {
        result = step.view().result(step.hash(), answer);
      }
      step.then(new Effect.Complete(completion(request, end, result, true)));
    }
  }

  /// Becomes a waiter of the job in flight, and has it promoted when it waits in a worse lane.
  private static void join(Step step, Admitted request, Flight flight) {
    var united = unite(flight.asked(), request);
    long asked =
        LedgerRules.lastInvalidation(
            step.view(), united.tags(), request.type(), request.requestHash());
    var cohorts = new ArrayList<>(flight.cohorts());
    if (cohorts.isEmpty() || cohorts.getLast().generation() < asked) {
      cohorts.add(new Cohort(step.nextNumber(), asked, 0, 0, 0));
    }
    var cohort = cohorts.removeLast().plus(request.tier(), 1);
    cohorts.add(cohort);
    var joined = flight.withAsked(united).withCohorts(cohorts);

    step.decide(JOINED)
        .request(request.requestId(), request.organizationId(), request.tier())
        .job(joined, joined.current())
        .done();
    step.entry(step.entry().with(joined));
    waits(step, request, cohort.number(), Source.JOINED);
    Dispatches.promote(step, joined, request.tier());
  }

  /// Writes down that a request waits.
  static void waits(Step step, Admitted request, long cohort, Source source) {
    var key = new WaiterKey(cohort, step.nextNumber());
    step.then(
        new Effect.PutWaiter(
            step.hash(),
            key,
            new Waiter(
                request.requestId(),
                request.organizationId(),
                request.userId(),
                request.tier(),
                source,
                step.now())));
    step.then(
        new Effect.PutRequest(RequestKey.of(request), new RequestRow(request.origin(), key, null)));
    var deadline = deadline(step, request);
    if (deadline != null) {
      step.then(
          new Effect.AddDue(
              new Due(
                  Due.Kind.DEADLINE, deadline, step.hash().hex(), LedgerRules.waiterDetail(key))));
    }
  }

  /// When the request stops waiting: the earlier of its timeout and its deadline; null: never.
  private static @Nullable Instant deadline(Step step, Admitted request) {
    var timeout = request.timeoutMs() == null ? null : step.now().plusMillis(request.timeoutMs());
    if (timeout == null || request.deadline() == null) {
      return timeout == null ? request.deadline() : timeout;
    }
    return timeout.isBefore(request.deadline()) ? timeout : request.deadline();
  }

  /// What one request alone wants of a job.
  static Asked asked(Admitted request) {
    return new Asked(
        request.type(),
        request.policy(),
        request.maxAttempts() != null ? request.maxAttempts() : request.policy().maxAttempts(),
        request.tags(),
        request.mode() != CacheMode.BYPASS,
        ttlMs(request),
        request.traceparent());
  }

  /// What one request more wants of a job.
  static Asked unite(Asked soFar, Admitted request) {
    var more = asked(request);
    var tags = new LinkedHashSet<>(soFar.tags());
    tags.addAll(more.tags());
    return new Asked(
        soFar.type(),
        soFar.policy(),
        Math.max(soFar.maxAttempts(), more.maxAttempts()),
        List.copyOf(tags),
        soFar.stores() || more.stores(),
        longestTtl(soFar, more),
        soFar.traceparent());
  }

  /// How long whoever stores wants the answer kept; null: for ever.
  private static @Nullable Long longestTtl(Asked a, Asked b) {
    if (!a.stores() || !b.stores()) {
      return b.stores() ? b.ttlMs() : a.ttlMs();
    }
    return a.ttlMs() == null || b.ttlMs() == null ? null : Math.max(a.ttlMs(), b.ttlMs());
  }

  private static void decided(
      Step step, Admitted request, dev.millrace.contracts.DecisionKind kind, String reason) {
    step.decide(kind)
        .request(request.requestId(), request.organizationId(), request.tier())
        .type(request.type())
        .because(reason);
  }

  /// Ends a request that never waited.
  private static void end(Step step, Admitted request, RequestEnd end, @Nullable JsonNode result) {
    step.then(
        new Effect.PutRequest(RequestKey.of(request), new RequestRow(request.origin(), null, end)));
    step.then(new Effect.Complete(completion(request, end, result, false)));
  }

  private static Completion completion(
      Admitted request, RequestEnd end, @Nullable JsonNode result, boolean repeat) {
    return RequestEnds.completion(
        end,
        request.requestId(),
        request.organizationId(),
        request.userId(),
        request.requestHash(),
        request.type(),
        request.tier(),
        result,
        repeat);
  }

  /// How long a request wants its answer kept: as it says, else as its type does; null: for ever.
  static @Nullable Long ttlMs(Admitted request) {
    return request.ttlMs() != null ? request.ttlMs() : request.policy().ttlMs();
  }
}
