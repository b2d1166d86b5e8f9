package dev.millrace.cache.ledger;

import dev.millrace.cache.ledger.Rows.Ending;
import dev.millrace.cache.ledger.Rows.RequestKey;
import dev.millrace.contracts.RequestHash;

/// Writes the completions of ended waiters, a slice at a time.
final class FanOut {

  private static final int MOST_AT_ONCE = 500;
  private static final int BYTES_AT_ONCE = 4 * 1024 * 1024;

  private final Stores stores;
  private final Outbox outbox;
  private boolean more = true;

  FanOut(Stores stores, Outbox outbox) {
    this.stores = stores;
    this.outbox = outbox;
  }

  /// Serves the first slice at once; the rest is left for [#slice].
  void begin(Ending ending) {
    var rest = serve(ending);
    if (!rest.cohorts().isEmpty()) {
      stores.put(rest);
      more = true;
    }
  }

  /// Serves one slice of the oldest end that is not done.
  void slice() {
    if (!more) {
      return;
    }
    var ending = stores.firstEnding();
    if (ending == null) {
      more = false;
      return;
    }
    var rest = serve(ending);
    if (rest.cohorts().isEmpty()) {
      stores.drop(ending);
    } else {
      stores.put(rest);
    }
  }

  private Ending serve(Ending ending) {
    int limit = Math.clamp(BYTES_AT_ONCE / size(ending), 1, MOST_AT_ONCE);
    var rest = ending;
    while (limit > 0 && !rest.cohorts().isEmpty()) {
      long cohort = rest.cohorts().getFirst();
      var waiters = stores.waiters(rest.hash(), cohort, rest.done(), limit);
      for (var waiter : waiters) {
        serve(rest, cohort, waiter);
      }
      if (waiters.size() < limit) {
        rest = rest.at(rest.cohorts().subList(1, rest.cohorts().size()), 0);
        served(rest.hash(), cohort);
      } else {
        rest = rest.at(rest.cohorts(), waiters.getLast().number());
      }
      limit -= waiters.size();
    }
    return rest;
  }

  private void serve(Ending ending, long cohort, Stores.NumberedWaiter numbered) {
    var waiter = numbered.waiter();
    var key = new RequestKey(waiter.organizationId(), waiter.requestId(), ending.hash());
    var end = RequestEnds.of(waiter, ending);
    var row = stores.request(key);
    if (row != null) {
      stores.put(key, new Rows.RequestRow(row.origin(), null, end));
    }
    stores.putWaiter(ending.hash(), new Rows.WaiterKey(cohort, numbered.number()), null);
    outbox.completion(
        RequestEnds.completion(
            end,
            waiter.requestId(),
            waiter.organizationId(),
            waiter.userId(),
            ending.hash(),
            ending.type(),
            waiter.tier(),
            ending.result(),
            false));
  }

  private void served(RequestHash hash, long cohort) {
    var entry = stores.entry(hash);
    stores.put(
        hash,
        entry.withEnding(
            entry.endingCohorts().stream().filter(number -> number != cohort).toList()));
  }

  private static int size(Ending ending) {
    var result = ending.result();
    return 1024 + (result == null ? 0 : result.toString().length());
  }
}
