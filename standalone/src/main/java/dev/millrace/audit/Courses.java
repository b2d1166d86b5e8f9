package dev.millrace.audit;

import static dev.millrace.audit.Invariant.I13;
import static dev.millrace.audit.Invariant.I2;
import static dev.millrace.audit.Invariant.I4;
import static dev.millrace.audit.Invariant.I6;
import static dev.millrace.audit.Invariant.I9;

import dev.millrace.audit.Model.Answer;
import dev.millrace.audit.Model.Cohort;
import dev.millrace.audit.Model.Dispatch;
import dev.millrace.audit.Model.Ended;
import dev.millrace.audit.Model.Entry;
import dev.millrace.audit.Model.Flight;
import dev.millrace.audit.Model.Said;
import dev.millrace.audit.Model.State;
import dev.millrace.audit.Model.Told;
import dev.millrace.audit.Replay.Event;
import dev.millrace.contracts.Policy;
import dev.millrace.contracts.Status;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the ledger decided about a job in flight, judged.
final class Courses {

  private final Facts facts;

  Courses(Facts facts) {
    this.facts = facts;
  }

  /// A new job for waiters whom the end of the last one could not serve.
  void dispatchedForTheRest(Event event, Entry entry) {
    Arrivals.alone(facts, event, entry);
    var end = event.ledger().lastEnd;
    boolean asked =
        end != null
            && end.cause() == event.cause()
            && end.flight().job.entry == entry
            && !end.left().isEmpty();
    if (!asked) {
      facts.findings.broken(I2, event.place(), "a job that nobody asked for");
    }
    var flight =
        new Flight(
            Arrivals.newJob(facts, event, entry),
            end == null ? new LinkedHashSet<>() : end.flight().tags,
            end == null ? null : end.flight().policy,
            end == null ? 1 : end.flight().maxAttempts,
            Arrivals.newEpoch(facts, event));
    flight.cohorts = end == null ? new ArrayList<>() : new ArrayList<>(end.left());
    event.ledger().lastEnd = null;
    entry.flight = flight;
  }

  void promoted(Event event, Entry entry) {
    var flight = flight(event, entry, I2);
    if (flight == null) {
      return;
    }
    if (flight.current.state != State.QUEUED) {
      facts.findings.broken(I2, event.place(), "promoted while " + flight.current.state);
    }
    flight.supersede(Arrivals.newEpoch(facts, event));
  }

  /// Binds an epoch to a run: the current one while it is queued, or one that a promotion replaced
  /// and that was started first.
  void started(Event event, Entry entry) {
    facts.findings.checked(I2);
    var flight = flight(event, entry, I2);
    var run = event.run();
    if (flight == null || run == null) {
      return;
    }
    checkTold(event, Said.STARTED);
    var current = flight.current;
    if (current.state != State.QUEUED) {
      facts.findings.broken(
          I2,
          event.place(),
          "a second run while epoch %d is %s".formatted(current.epoch, current.state));
      return;
    }
    if (current.epoch != event.epoch()) {
      var crossed =
          flight.superseded.stream()
              .filter(dispatch -> dispatch.run == null && dispatch.epoch == event.epoch())
              .findFirst();
      if (crossed.isEmpty()) {
        facts.findings.broken(I2, event.place(), "its epoch is void or unknown");
        return;
      }
      flight.superseded.removeIf(dispatch -> dispatch.run == null);
      flight.current = crossed.get();
    }
    flight.current.state = State.RUNNING;
    flight.current.run = run;
    flight.job.run(run).attempt = flight.current.attempt;
  }

  void revoked(Event event, Entry entry) {
    var flight = entry.flight;
    var run = event.run();
    if (flight != null
        && run != null
        && event.because("lease over")
        && flight.current.epoch == event.epoch()
        && run.equals(flight.current.run)) {
      flight.leaseOver = event.cause();
      flight.job.run(run).leaseOver = true;
    }
  }

  void retried(Event event, Entry entry) {
    var flight = flight(event, entry, I4);
    if (flight == null) {
      return;
    }
    facts.findings.checked(I13);
    var current = flight.current;
    var run = event.run();
    var told = decided(event);
    if (run == null) {
      boolean declined = told != null && told.said == Said.DECLINED;
      if (!declined || current.epoch != event.epoch() || current.state == State.BACKOFF) {
        facts.findings.broken(I4, event.place(), "put back although no worker declined it");
      }
      current.run = null;
    } else if (!boundNow(flight, event.epoch(), run)
        || told == null
        || told.said != Said.FAILED
        || !told.is(event.epoch(), run)) {
      facts.findings.broken(I4, event.place(), "a failure of a run that does not count");
    } else if (!told.retryable) {
      facts.findings.broken(I13, event.place(), "a permanent failure is tried again");
    }
    var notBefore = event.decision().notBefore();
    current.state = State.BACKOFF;
    current.notBefore = notBefore == null ? 0 : notBefore.toEpochMilli();
  }

  void redispatched(Event event, Entry entry) {
    var flight = flight(event, entry, I2);
    if (flight == null) {
      return;
    }
    facts.findings.checked(I13);
    var current = flight.current;
    var told = decided(event);
    if (!explained(event, flight, told)) {
      facts.findings.broken(
          I2, event.place(), "dispatched again while " + current.state + ", without a cause");
    }
    if (current.state == State.BACKOFF && event.at() < current.notBefore) {
      facts.findings.broken(
          I13, event.place(), (current.notBefore - event.at()) + " ms before its time");
    }
    boolean failed =
        current.state == State.BACKOFF
            ? current.run != null
            : current.state == State.RUNNING && flight.leaseOver == event.cause();
    int attempt = current.attempt + (failed ? 1 : 0);
    if (event.attempt() != attempt) {
      facts.findings.broken(
          I13, event.place(), "attempt %d instead of %d".formatted(event.attempt(), attempt));
    }
    if (event.attempt() > flight.maxAttempts) {
      facts.findings.broken(
          I13, event.place(), "attempt %d of %d".formatted(event.attempt(), flight.maxAttempts));
    }
    flight.supersede(Arrivals.newEpoch(facts, event));
  }

  private static boolean explained(Event event, Flight flight, @Nullable Told told) {
    var current = flight.current;
    return switch (current.state) {
      case BACKOFF -> true;
      case QUEUED -> told != null && told.said == Said.DECLINED && told.epoch == current.epoch;
      case RUNNING ->
          flight.leaseOver == event.cause()
              || (told != null
                  && (told.said == Said.DECLINED || told.said == Said.CANCELLED)
                  && told.is(current.epoch, current.run));
    };
  }

  void succeeded(Event event, Entry entry) {
    var flight = flight(event, entry, I4);
    var told = decided(event);
    if (flight == null) {
      return;
    }
    var bound = bound(event, flight);
    if (bound == null || told == null || told.said != Said.SUCCEEDED || !isOf(told, event)) {
      facts.findings.broken(I4, event.place(), "a success of a run that does not count");
    }
    if (told != null) {
      flight.job.result = told.result;
      flight.job.byReference = told.byReference;
    }
    end(event, entry, flight, bound == null ? flight.current : bound, Status.COMPLETED);
  }

  void failed(Event event, Entry entry) {
    var flight = flight(event, entry, I4);
    var told = decided(event);
    if (flight == null) {
      return;
    }
    var bound = bound(event, flight);
    boolean tooLarge = told != null && told.said == Said.SUCCEEDED && isOf(told, event);
    boolean counts =
        bound != null
            && (tooLarge
                || (bound == flight.current
                    && (flight.leaseOver == event.cause()
                        || (told != null && told.said == Said.FAILED && isOf(told, event)))));
    if (!counts) {
      facts.findings.broken(I4, event.place(), "a failure of a run that does not count");
    } else if (told != null
        && told.said == Said.FAILED
        && told.retryable
        && flight.current.attempt < flight.maxAttempts) {
      facts.findings.broken(
          I13,
          event.place(),
          "given up in attempt %d of %d".formatted(flight.current.attempt, flight.maxAttempts));
    }
    flight.job.failed++;
    end(event, entry, flight, bound == null ? flight.current : bound, Status.FAILED);
  }

  /// The waiters whose generation the ended epoch covers get this end; for others a newer epoch
  /// goes on, or a new job follows.
  private static void end(Event event, Entry entry, Flight flight, Dispatch ended, Status status) {
    var left = new ArrayList<Cohort>();
    for (var cohort : flight.cohorts) {
      if (cohort.generation > ended.generation) {
        left.add(cohort);
        continue;
      }
      for (var waiter : cohort.waiters) {
        if (waiter.cohort == cohort) {
          waiter.cohort = null;
          waiter.expected = status;
          waiter.job = flight.job;
        }
      }
    }
    long needed = left.stream().mapToLong(cohort -> cohort.generation).max().orElse(0);
    flight.cohorts = left;
    boolean goesOn =
        !left.isEmpty()
            && flight.current.epoch != ended.epoch
            && flight.current.generation >= needed;
    event.ledger().lastEnd =
        new Ended(flight, ended, goesOn ? List.of() : List.copyOf(left), event.cause());
    if (!goesOn) {
      close(event, entry, flight, status);
    }
  }

  private static void close(Event event, Entry entry, Flight flight, Status status) {
    flight.job.closed = status;
    flight.job.closedAt = event.timestamp();
    entry.flight = null;
  }

  /// Nobody waits for the job any more.
  void voided(Event event, Entry entry) {
    var flight = flight(event, entry, I9);
    if (flight == null) {
      return;
    }
    if (flight.waiters() > 0) {
      facts.findings.broken(
          I9, event.place(), "void although %d still wait".formatted(flight.waiters()));
    } else if (flight.wanted) {
      facts.findings.broken(I9, event.place(), "void although its answer is wanted");
    }
    close(event, entry, flight, Status.CANCELLED);
  }

  void stored(Event event, Entry entry) {
    var end = event.ledger().lastEnd;
    if (end == null
        || end.cause() != event.cause()
        || end.flight().job != facts.jobs.get(event.job())
        || end.epoch().epoch != event.epoch()) {
      facts.findings.broken(I4, event.place(), "an answer of an epoch that did not just end");
      return;
    }
    var expiresAt = event.decision().expiresAt();
    boolean failure = event.because("permanent failure");
    var policy = end.flight().policy;
    if (!failure && policy != null) {
      checkAdapted(event, policy, expiresAt);
    }
    var staleMs = failure || policy == null ? null : policy.staleMs();
    entry.answer =
        new Answer(
            end.flight().job,
            end.epoch().epoch,
            end.epoch().generation,
            entry.share(end.flight().tags),
            event.at(),
            expiresAt == null ? Long.MAX_VALUE : expiresAt.toEpochMilli(),
            staleMs == null ? 0 : staleMs,
            failure);
  }

  private void checkAdapted(Event event, Policy policy, @Nullable Instant expiresAt) {
    var caching = policy.caching();
    if (caching == null || caching.minTtlMs() == null || caching.maxTtlMs() == null) {
      return;
    }
    facts.findings.checked(I6);
    long ttlMs = expiresAt == null ? Long.MAX_VALUE : expiresAt.toEpochMilli() - event.at();
    if (ttlMs < caching.minTtlMs() || ttlMs > caching.maxTtlMs()) {
      facts.findings.broken(
          I6, event.place(), "its TTL of %d ms leaves the bounds of its type".formatted(ttlMs));
    }
  }

  void stale(Event event, Entry entry) {
    var told = decided(event);
    var flight = entry.flight;
    if (told == null) {
      facts.lacks(I4, event.timestamp(), event.place(), "it is about no outcome");
    } else if (flight != null
        && told.said == Said.SUCCEEDED
        && told.run != null
        && flight.job == facts.jobs.get(told.job)
        && flight.bound(told.epoch, told.run) != null) {
      facts.findings.broken(I4, event.place(), "a success that counts was thrown away");
    }
  }

  private @Nullable Flight flight(Event event, Entry entry, Invariant invariant) {
    var flight = entry.flight;
    if (flight == null || flight.job != facts.jobs.get(event.job())) {
      facts.findings.broken(
          invariant, event.place(), event.kind() + " of a job that is not in flight");
      return null;
    }
    return flight;
  }

  private static @Nullable Dispatch bound(Event event, Flight flight) {
    var run = event.run();
    return run == null ? null : flight.bound(event.epoch(), run);
  }

  private static boolean boundNow(Flight flight, long epoch, Id run) {
    return flight.current.epoch == epoch && flight.bound(epoch, run) == flight.current;
  }

  private static boolean isOf(Told told, Event event) {
    return told.job.equals(event.job()) && told.is(event.epoch(), event.run());
  }

  /// The outcome that led to this decision, which is thereby decided.
  private @Nullable Told decided(Event event) {
    var told = facts.outcomes.remove(event.cause());
    if (told != null) {
      facts.findings.checked(I4);
    }
    return told;
  }

  private void checkTold(Event event, Said said) {
    var told = facts.outcomes.remove(event.cause());
    if (told == null || told.said != said || !isOf(told, event)) {
      facts.lacks(I4, event.timestamp(), event.place(), "no worker said so: " + event.kind());
    }
  }
}
