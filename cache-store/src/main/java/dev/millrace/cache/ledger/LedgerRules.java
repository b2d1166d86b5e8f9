package dev.millrace.cache.ledger;

import dev.millrace.cache.ledger.Rows.WaiterKey;
import dev.millrace.contracts.Outcome;
import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.Status;
import java.util.List;

/// What the ledger does on each event about one hash: the table of contents of its rules.
///
/// ```
///            admit                started           succeeded
/// request ──▶ hit ──▶ completion   queued ─▶ running ─────────▶ end ─▶ completions, answer
///           ├▶ join ─▶ waiter                 │ ▲  failed
///           └▶ dispatch ─▶ queued             ▼ │ (attempts left)
///                                            backoff ─▶ due ─▶ queued again, new epoch
/// ```
///
/// Every rule is a pure function of a [Step]: the entry, the counters, the time and what may be
/// looked up go in; a new entry and a list of [Effect]s come out.
final class LedgerRules {

  private LedgerRules() {}

  /// Something was said about a dispatch.
  static void outcome(Step step, Outcome outcome) {
    switch (outcome) {
      case Outcome.Started started -> Runs.started(step, started);
      case Outcome.Heartbeat heartbeat -> Runs.heartbeat(step, heartbeat);
      case Outcome.Succeeded succeeded -> Ends.succeeded(step, succeeded);
      case Outcome.Failed failed -> Runs.failed(step, failed);
      case Outcome.Cancelled cancelled -> Runs.stopped(step, cancelled);
      case Outcome.Declined declined -> Runs.declined(step, declined);
      case Outcome.Due due -> Dispatches.backoffOver(step, due.epoch());
      case Outcome.Check check -> Runs.lost(step, check);
    }
  }

  /// Something's time has come.
  static void due(Step step, Due due) {
    switch (due.kind()) {
      case ANSWER -> Answers.expire(step);
      case LIFETIME -> Lifetime.forget(step);
      case DEADLINE -> Leaving.leave(step, waiterKey(due.detail()), Status.EXPIRED);
      case QUEUED -> Dispatches.hintAgain(step, due);
      case BACKOFF -> Dispatches.backoffOver(step, Long.parseLong(due.detail()));
      case REQUEST, COMMAND, RECEIPT ->
          throw new IllegalArgumentException("no hash has to do with " + due);
    }
  }

  static String waiterDetail(WaiterKey key) {
    return key.cohort() + ":" + key.number();
  }

  private static WaiterKey waiterKey(String detail) {
    var parts = detail.split(":", 2);
    return new WaiterKey(Long.parseLong(parts[0]), Long.parseLong(parts[1]));
  }

  /// The last invalidation that covers anything with these tags, type and hash.
  static long lastInvalidation(View view, List<String> tags, String type, RequestHash hash) {
    long last =
        Math.max(
            view.invalidated(new Subject(Subject.Kind.TYPE, type)),
            view.invalidated(new Subject(Subject.Kind.HASH, hash.hex())));
    for (var tag : tags) {
      last = Math.max(last, view.invalidated(new Subject(Subject.Kind.TAG, tag)));
      for (int length : view.prefixLengths().headSet(tag.length() + 1)) {
        var prefix = new Subject(Subject.Kind.TAG_PREFIX, tag.substring(0, length));
        last = Math.max(last, view.invalidated(prefix));
      }
    }
    return last;
  }
}
