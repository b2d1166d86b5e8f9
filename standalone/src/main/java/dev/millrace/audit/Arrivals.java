package dev.millrace.audit;

import static dev.millrace.audit.Invariant.I1;
import static dev.millrace.audit.Invariant.I17;
import static dev.millrace.audit.Invariant.I2;
import static dev.millrace.audit.Invariant.I6;
import static dev.millrace.audit.Invariant.I9;

import dev.millrace.audit.Model.Admission;
import dev.millrace.audit.Model.Answer;
import dev.millrace.audit.Model.Cohort;
import dev.millrace.audit.Model.Dispatch;
import dev.millrace.audit.Model.Entry;
import dev.millrace.audit.Model.Flight;
import dev.millrace.audit.Model.Job;
import dev.millrace.audit.Model.Request;
import dev.millrace.audit.Model.State;
import dev.millrace.audit.Replay.Event;
import dev.millrace.contracts.CacheMode;
import dev.millrace.contracts.Decision;
import dev.millrace.contracts.DecisionKind;
import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.Status;
import dev.millrace.contracts.Tier;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What the ledger decided about a request when it came or left, judged.
final class Arrivals {

  private final Facts facts;

  Arrivals(Facts facts) {
    this.facts = facts;
  }

  void hit(Event event, Entry entry) {
    var admission = taken(event);
    if (admission == null) {
      return;
    }
    var request = admission.request;
    boolean answered = event.because("answered");
    var answer = entry.answer;
    request.expected = answer != null && answer.failure() ? Status.FAILED : Status.COMPLETED;
    request.stale = event.because("stale");
    request.job = facts.jobs.get(event.job());
    if (answered) {
      request.expected = Status.COMPLETED;
      return;
    }
    facts.findings.checked(I6);
    if (answer == null
        || answer.job() != facts.jobs.get(event.job())
        || answer.epoch() != event.epoch()) {
      facts.findings.broken(I6, event.place(), "no such answer is stored any more");
      return;
    }
    var wrong = wrong(event, answer, admission);
    boolean stale = late(event, answer, admission) >= 0;
    if (wrong != null) {
      facts.findings.broken(I6, event.place(), wrong);
    } else if (request.stale != stale) {
      facts.findings.broken(
          I6,
          event.place(),
          request.stale ? "a fresh answer is called stale" : "a stale one fresh");
    }
  }

  /// Why the answer may not be given to this request now; null when it may.
  private static @Nullable String wrong(Event event, Answer answer, Admission admission) {
    if (admission.mode == CacheMode.REFRESH || admission.mode == CacheMode.BYPASS) {
      return "the request does not read the cache";
    }
    var tags = new HashSet<>(answer.tags());
    tags.addAll(admission.tags);
    var hash = hash(event.decision()).hex();
    long last = event.ledger().invalidations.last(tags, admission.entry.type, hash);
    if (last > answer.generation()) {
      return "invalidated in generation %d, the answer is of %d"
          .formatted(last, answer.generation());
    }
    long late = late(event, answer, admission);
    if (late >= 0 && (answer.failure() || late >= admission.maxStaleMs)) {
      return "served %d ms after its time".formatted(late);
    }
    return null;
  }

  /// How long, ms, the answer has been too old to be fresh for the request.
  private static long late(Event event, Answer answer, Admission admission) {
    long end =
        admission.ttlMs < 0
            ? answer.expiresAt()
            : Math.min(answer.expiresAt(), answer.at() + admission.ttlMs);
    return event.at() - end;
  }

  void dispatched(Event event, Entry entry) {
    var admission = taken(event);
    alone(facts, event, entry);
    var answer = entry.answer;
    if (admission != null
        && answer != null
        && !answer.job().byReference
        && !event.because("result missing")
        && wrong(event, answer, admission) == null) {
      facts.findings.broken(I2, event.place(), "computed again although a valid answer is stored");
    }
    var cohort = new Cohort(event.generation());
    var tags = new LinkedHashSet<String>();
    int most = 1;
    if (admission != null) {
      tags.addAll(admission.tags);
      most = admission.maxAttempts;
      cohort.add(admission.request);
    }
    var policy = admission == null ? null : admission.policy;
    var job = newJob(facts, event, entry);
    var flight = new Flight(job, tags, policy, most, newEpoch(facts, event));
    flight.cohorts.add(cohort);
    entry.flight = flight;
  }

  /// A hash has one job at a time.
  static void alone(Facts facts, Event event, Entry entry) {
    facts.findings.checked(I2);
    if (entry.flight != null) {
      facts.findings.broken(I2, event.place(), "a second job of its hash while one is in flight");
    }
  }

  /// A job from its first dispatch; its id says which epoch that was.
  static Job newJob(Facts facts, Event event, Entry entry) {
    if (event.attempt() != 1) {
      facts.findings.broken(Invariant.I13, event.place(), "a job begins with attempt 1");
    }
    return named(facts, event, entry);
  }

  /// The job of a decision that makes it known.
  static Job named(Facts facts, Event event, Entry entry) {
    var decision = event.decision();
    var expected = entry.type + ":" + hash(decision).prefix() + ":" + event.epoch();
    var named = String.valueOf(decision.jobId());
    if (!named.equals(expected)) {
      facts.findings.broken(Invariant.I3, event.place(), named + " should be " + expected);
    }
    var job = new Job(entry, event.place());
    facts.jobs.put(event.job(), job);
    return job;
  }

  /// A dispatch under a number that no other had.
  static Dispatch newEpoch(Facts facts, Event event) {
    facts.findings.checked(Invariant.I3);
    var ledger = event.ledger();
    if (event.epoch() <= ledger.lastEpoch) {
      facts.findings.broken(
          Invariant.I3,
          event.place(),
          "epoch %d after %d".formatted(event.epoch(), ledger.lastEpoch));
    }
    ledger.lastEpoch = Math.max(ledger.lastEpoch, event.epoch());
    var lane = event.decision().tier();
    return new Dispatch(
        event.epoch(), event.generation(), event.attempt(), lane == null ? Tier.FREE : lane);
  }

  void joined(Event event, Entry entry) {
    var admission = taken(event);
    var flight = entry.flight;
    if (flight == null
        || flight.job != facts.jobs.get(event.job())
        || flight.current.epoch != event.epoch()) {
      facts.findings.broken(I9, event.place(), "joined a job that is not in flight");
      return;
    }
    if (admission == null) {
      return;
    }
    flight.tags.addAll(admission.tags);
    flight.maxAttempts = Math.max(flight.maxAttempts, admission.maxAttempts);
    long asked =
        event.ledger().invalidations.last(flight.tags, entry.type, hash(event.decision()).hex());
    if (flight.cohorts.isEmpty() || flight.cohorts.getLast().generation < asked) {
      flight.cohorts.add(new Cohort(asked));
    }
    flight.cohorts.getLast().add(admission.request);
    var current = flight.current;
    boolean better = current.background || admission.tier.betterThan(current.lane);
    if (current.state == State.QUEUED && better) {
      event.ledger().promotes = event.cause();
    }
  }

  void refused(Event event) {
    var admission = taken(event);
    if (admission != null) {
      admission.request.expected = Status.FAILED;
    }
  }

  void repeated(Event event) {
    var request = request(event);
    facts.findings.checked(I17);
    if (request == null || request.fate == null) {
      facts.findings.broken(I17, event.place(), "a repeat of what was never decided");
    }
  }

  void tooLate(Event event) {
    var request = request(event);
    if (request != null) {
      request.tooLate = true;
    }
  }

  /// A request ended without a job, before it waited, or a waiter left.
  void left(Event event, Entry entry) {
    boolean cancelled = event.kind() == DecisionKind.CANCELLED;
    var status = cancelled ? Status.CANCELLED : Status.EXPIRED;
    if (event.decision().jobId() == null) {
      var admission = taken(event);
      if (admission != null) {
        admission.request.expected = status;
        admission.request.cancelled = cancelled;
      }
      return;
    }
    var request = request(event);
    var flight = entry.flight;
    var cohort = request == null ? null : request.cohort;
    if (request == null || flight == null || cohort == null || !flight.cohorts.contains(cohort)) {
      facts.findings.broken(I9, event.place(), "left a job it did not wait for");
      return;
    }
    cohort.remove(request);
    if (cohort.size == 0) {
      flight.cohorts.remove(cohort);
    }
    request.expected = status;
    request.job = flight.job;
    request.cancelled = cancelled;
  }

  /// The record that this decision answers, which nothing was decided about before.
  private @Nullable Admission taken(Event event) {
    var admission = facts.admissions.get(event.cause());
    var request = request(event);
    if (admission == null || admission.request != request) {
      facts.lacks(I1, event.timestamp(), event.place(), "its cause is not the request it is about");
      return null;
    }
    facts.findings.checked(I17);
    if (request.fate != null) {
      facts.findings.broken(
          I17, event.place(), event.kind() + " although it was decided before: " + request.fate);
      return null;
    }
    request.fate = event.kind();
    return admission;
  }

  private @Nullable Request request(Event event) {
    var decision = event.decision();
    return facts.requests.get(
        Id.request(
            decision.organizationId(), String.valueOf(decision.requestId()), hash(decision)));
  }

  private static RequestHash hash(Decision decision) {
    return Objects.requireNonNull(decision.requestHash());
  }
}
