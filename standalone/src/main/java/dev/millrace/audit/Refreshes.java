package dev.millrace.audit;

import static dev.millrace.audit.Invariant.I2;

import dev.millrace.audit.Model.Admission;
import dev.millrace.audit.Model.Answer;
import dev.millrace.audit.Model.Entry;
import dev.millrace.audit.Model.Flight;
import dev.millrace.audit.Replay.Event;
import dev.millrace.contracts.CacheMode;
import dev.millrace.contracts.DecisionKind;
import java.util.LinkedHashSet;
import org.jspecify.annotations.Nullable;

/// What the ledger has computed again though nobody waits for it, judged: it must just have given
/// the answer, and the type must want the next one.
final class Refreshes {

  static final String STALE = "refresh: stale";
  static final String AHEAD = "refresh: ahead";

  private final Facts facts;

  Refreshes(Facts facts) {
    this.facts = facts;
  }

  void dispatched(Event event, Entry entry) {
    Arrivals.alone(facts, event, entry);
    var admission = facts.admissions.get(event.cause());
    var wrong = wrong(event, entry, admission);
    if (wrong != null) {
      facts.findings.broken(I2, event.place(), wrong);
    }
    var tags = new LinkedHashSet<String>();
    if (entry.answer != null) {
      tags.addAll(entry.answer.tags());
    }
    if (admission != null) {
      tags.addAll(admission.tags);
    }
    var policy = admission == null ? null : admission.policy;
    entry.flight =
        Flight.inBackground(
            Arrivals.newJob(facts, event, entry),
            tags,
            policy,
            policy == null ? 1 : policy.maxAttempts(),
            Arrivals.newEpoch(facts, event));
  }

  /// Why the answer may not be computed again now; null when it may.
  private static @Nullable String wrong(Event event, Entry entry, @Nullable Admission admission) {
    var answer = entry.answer;
    if (admission == null
        || admission.entry != entry
        || admission.request.fate != DecisionKind.HIT
        || answer == null
        || answer.failure()) {
      return "computed again though its answer was not given";
    }
    if (admission.mode != CacheMode.DEFAULT && admission.mode != CacheMode.STALE_OK) {
      return "computed again for a request that computes nothing";
    }
    if (!admission.policy.runsUnasked()) {
      return "an effect is run though nobody asked for it";
    }
    return event.because(STALE) == stale(event, answer, admission) && wanted(event, admission)
        ? null
        : "computed again though its type does not want that now";
  }

  private static boolean stale(Event event, Answer answer, Admission admission) {
    var oldestMs = admission.policy.oldestMs();
    return event.at() >= answer.expiresAt()
        || (oldestMs != null && event.at() >= answer.at() + oldestMs);
  }

  private static boolean wanted(Event event, Admission admission) {
    var caching = admission.policy.caching();
    return caching != null
        && (event.because(STALE)
            ? caching.staleWhileRevalidateMs() != null
            : caching.refreshBeta() != null && caching.refreshBeta() > 0);
  }
}
