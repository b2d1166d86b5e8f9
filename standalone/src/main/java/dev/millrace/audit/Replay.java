package dev.millrace.audit;

import static dev.millrace.audit.Invariant.I11;
import static dev.millrace.audit.Invariant.I16;
import static dev.millrace.audit.Invariant.I6;

import dev.millrace.audit.DecisionOrder.Made;
import dev.millrace.audit.Model.Ended;
import dev.millrace.audit.Model.Entry;
import dev.millrace.contracts.Decision;
import dev.millrace.contracts.DecisionKind;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Follows the decisions of every ledger partition in their order and judges each by what went
/// before it: the rules of the ledger once more, written from the contract.
///
/// ```
/// decision ─▶ Replay ─┬─▶ Arrivals   a request came: hit, joined, dispatched, refused, repeated
///                     ├─▶ Refreshes  an answer that was given is computed again, unasked
///                     ├─▶ WarmUps    an operator wants an answer: known, joined, dispatched, stored
///                     └─▶ Courses    a job goes on: promoted, started, retried, ended
/// ```
final class Replay {

  private final Facts facts;
  private final Arrivals arrivals;
  private final Refreshes refreshes;
  private final WarmUps warmUps;
  private final Courses courses;
  private final Map<Integer, Ledger> ledgers = new HashMap<>();

  /// What is known of one ledger partition.
  static final class Ledger {
    final Invalidations invalidations = new Invalidations();
    @Nullable Ended lastEnd;
    long lastEpoch;

    /// The place of the record whose joiner must be followed by a promotion.
    long promotes = Places.NOWHERE;
  }

  /// One decision with all that is known about it.
  ///
  /// @param cause the place of the record that led to it
  record Event(Decision decision, long place, long timestamp, long cause, Ledger ledger) {

    DecisionKind kind() {
      return decision.decision();
    }

    long at() {
      return decision.at().toEpochMilli();
    }

    long epoch() {
      return decision.epoch() == null ? -1 : decision.epoch();
    }

    long generation() {
      return decision.generation() == null ? 0 : decision.generation();
    }

    int attempt() {
      return decision.attempt() == null ? 0 : decision.attempt();
    }

    @Nullable Id run() {
      return decision.runId() == null ? null : Id.of(decision.runId());
    }

    Id job() {
      return Id.of(String.valueOf(decision.jobId()));
    }

    boolean because(String reason) {
      return reason.equals(decision.reason());
    }
  }

  Replay(Facts facts) {
    this.facts = facts;
    this.arrivals = new Arrivals(facts);
    this.refreshes = new Refreshes(facts);
    this.warmUps = new WarmUps(facts);
    this.courses = new Courses(facts);
  }

  void take(Made made) {
    var decision = made.decision();
    long cause = facts.places.parse(decision.cause());
    if (cause != Places.NOWHERE) {
      facts.read(cause);
      if (facts.putAside.contains(cause)) {
        facts.findings.broken(
            I16,
            made.place(),
            decision.decision()
                + " was caused by a record that was put aside: "
                + decision.cause());
      }
    }
    var ledger = ledgers.computeIfAbsent(decision.partition(), _ -> new Ledger());
    var event = new Event(decision, made.place(), made.timestamp(), cause, ledger);
    checkPromotion(event);
    if (event.kind() == DecisionKind.INVALIDATED) {
      invalidated(event);
      return;
    }
    var hash = Objects.requireNonNull(decision.requestHash(), "a decision without a hash");
    var entry = facts.entries.get(Id.of(hash));
    if (entry == null) {
      facts.lacks(
          Invariant.I1, made.timestamp(), made.place(), "a decision about a hash nobody asked for");
      return;
    }
    decide(event, entry);
  }

  private void decide(Event event, Entry entry) {
    boolean ofRequest = event.decision().requestId() != null;
    switch (event.kind()) {
      case HIT -> {
        if (ofRequest) {
          arrivals.hit(event, entry);
        } else {
          warmUps.known(event, entry);
        }
      }
      case JOINED -> {
        if (ofRequest) {
          arrivals.joined(event, entry);
        } else {
          warmUps.joined(event, entry);
        }
      }
      case DISPATCHED -> {
        if (ofRequest) {
          arrivals.dispatched(event, entry);
        } else if (event.because(Refreshes.STALE) || event.because(Refreshes.AHEAD)) {
          refreshes.dispatched(event, entry);
        } else if (event.because("warm-up")) {
          warmUps.dispatched(event, entry);
        } else {
          courses.dispatchedForTheRest(event, entry);
        }
      }
      case REFUSED -> arrivals.refused(event);
      case REPEATED -> arrivals.repeated(event);
      case TOO_LATE -> arrivals.tooLate(event);
      case CANCELLED, EXPIRED -> {
        if (ofRequest) {
          arrivals.left(event, entry);
        } else if (event.kind() == DecisionKind.CANCELLED) {
          courses.voided(event, entry);
        } else {
          expired(event, entry);
        }
      }
      case EVICTED -> entry.answer = null;
      case PROMOTED -> courses.promoted(event, entry);
      case STARTED -> courses.started(event, entry);
      case REVOKED -> courses.revoked(event, entry);
      case RETRIED -> courses.retried(event, entry);
      case REDISPATCHED -> courses.redispatched(event, entry);
      case SUCCEEDED -> courses.succeeded(event, entry);
      case FAILED -> courses.failed(event, entry);
      case STORED -> {
        if (event.because("warmed")) {
          warmUps.stored(event, entry);
        } else {
          courses.stored(event, entry);
        }
      }
      case NOT_STORED -> warmUps.notStored(event, entry);
      case STALE_OUTCOME -> courses.stale(event, entry);
      case DEAD_LETTERED, INVALIDATED -> {}
    }
  }

  private void invalidated(Event event) {
    var subject = String.valueOf(event.decision().reason());
    if (!event.ledger().invalidations.add(subject, event.generation())) {
      facts.findings.broken(I6, event.place(), "its generation is not the next one");
    }
  }

  /// An answer's own time has passed, and that in which it is given as stale.
  private void expired(Event event, Entry entry) {
    var answer = entry.answer;
    if (answer != null && event.at() < answer.keptUntil()) {
      facts.findings.broken(I6, event.place(), "expired before its time");
    }
    entry.answer = null;
  }

  private void checkPromotion(Event event) {
    var ledger = event.ledger();
    if (ledger.promotes == Places.NOWHERE) {
      return;
    }
    facts.findings.checked(I11);
    if (event.kind() != DecisionKind.PROMOTED || event.cause() != ledger.promotes) {
      facts.findings.broken(
          I11, ledger.promotes, "joined a job queued in a worse lane, which was not promoted");
    }
    ledger.promotes = Places.NOWHERE;
  }
}
