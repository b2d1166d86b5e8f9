package dev.millrace.audit;

import static dev.millrace.audit.Invariant.I2;
import static dev.millrace.audit.Invariant.I4;
import static dev.millrace.audit.Invariant.I6;
import static dev.millrace.audit.Invariant.I9;

import dev.millrace.audit.Model.Answer;
import dev.millrace.audit.Model.Entry;
import dev.millrace.audit.Model.Flight;
import dev.millrace.audit.Replay.Event;
import java.util.LinkedHashSet;

/// What the ledger decided about an answer that is wanted before anybody asks, judged: what nobody
/// waits for, and what nobody computed, must be explained by a warm-up.
final class WarmUps {

  private final Facts facts;

  WarmUps(Facts facts) {
    this.facts = facts;
  }

  /// Nothing is to be done.
  void known(Event event, Entry entry) {
    facts.findings.checked(I6);
    if (facts.warm(event.cause(), entry, false) == null) {
      facts.lacks(I6, event.timestamp(), event.place(), "no warm-up asked for it");
    }
    var answer = entry.answer;
    if (answer == null || answer.job() != facts.jobs.get(event.job())) {
      facts.findings.broken(I6, event.place(), "no such answer is stored any more");
    }
  }

  /// The job in flight goes on although nobody may wait for it.
  void joined(Event event, Entry entry) {
    var warm = facts.warm(event.cause(), entry, false);
    var flight = entry.flight;
    if (warm == null) {
      facts.lacks(I9, event.timestamp(), event.place(), "no warm-up asked for it");
    } else if (flight == null || flight.job != facts.jobs.get(event.job())) {
      facts.findings.broken(I9, event.place(), "joined a job that is not in flight");
    } else {
      flight.tags.addAll(warm.tags());
      flight.maxAttempts = Math.max(flight.maxAttempts, warm.maxAttempts());
      flight.wanted = true;
    }
  }

  /// A job that nobody waits for.
  void dispatched(Event event, Entry entry) {
    Arrivals.alone(facts, event, entry);
    var warm = facts.warm(event.cause(), entry, false);
    if (warm == null) {
      facts.lacks(I2, event.timestamp(), event.place(), "a job that nobody asked for");
    }
    entry.flight =
        Flight.inBackground(
            Arrivals.newJob(facts, event, entry),
            warm == null ? new LinkedHashSet<>() : new LinkedHashSet<>(warm.tags()),
            warm == null ? null : warm.policy(),
            warm == null ? 1 : warm.maxAttempts(),
            Arrivals.newEpoch(facts, event));
  }

  /// An answer as an operator gave it: of an epoch that no run ever had.
  void stored(Event event, Entry entry) {
    facts.findings.checked(I4);
    var warm = facts.warm(event.cause(), entry, true);
    var epoch = Arrivals.newEpoch(facts, event);
    if (warm == null) {
      facts.lacks(I4, event.timestamp(), event.place(), "an answer that nobody gave");
      return;
    }
    var job = Arrivals.named(facts, event, entry);
    job.result = warm.result();
    var expiresAt = event.decision().expiresAt();
    var staleMs = warm.policy().staleMs();
    entry.answer =
        new Answer(
            job,
            epoch.epoch,
            event.generation(),
            entry.share(warm.tags()),
            event.at(),
            expiresAt == null ? Long.MAX_VALUE : expiresAt.toEpochMilli(),
            staleMs == null ? 0 : staleMs,
            false);
  }

  /// A given answer is not kept, or none is computed now; a computed one that is not kept comes by
  /// here too.
  void notStored(Event event, Entry entry) {
    var _ = facts.warm(event.cause(), entry);
  }
}
