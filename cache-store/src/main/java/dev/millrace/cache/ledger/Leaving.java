package dev.millrace.cache.ledger;

import static dev.millrace.contracts.DecisionKind.CANCELLED;
import static dev.millrace.contracts.DecisionKind.EXPIRED;
import static dev.millrace.contracts.DecisionKind.REVOKED;
import static dev.millrace.contracts.DecisionKind.TOO_LATE;

import dev.millrace.cache.ledger.Flight.Cohort;
import dev.millrace.cache.ledger.Flight.State;
import dev.millrace.cache.ledger.Rows.RequestKey;
import dev.millrace.cache.ledger.Rows.RequestRow;
import dev.millrace.cache.ledger.Rows.WaiterKey;
import dev.millrace.contracts.Status;
import dev.millrace.contracts.Tier;
import java.util.List;

/// A waiter leaves before the end: by a cancel, or because its deadline passed. The job goes on
/// while anybody waits or wants it in the background, and is void else.
final class Leaving {

  private Leaving() {}

  /// Cancels one request of this hash. Once its end is decided it is too late.
  static void cancel(Step step, RequestKey key, RequestRow row) {
    var waiter = row.waiter();
    if (waiter != null && waits(step.entry(), waiter.cohort())) {
      leave(step, waiter, Status.CANCELLED);
      return;
    }
    var end = row.end();
    if (end == null || end.status() != Status.CANCELLED) {
      step.decide(TOO_LATE)
          .request(key.requestId(), key.organizationId(), Tier.FREE)
          .because("it has ended");
    }
  }

  /// Takes one waiter out, unless it has ended already.
  static void leave(Step step, WaiterKey key, Status status) {
    var flight = step.entry().flight();
    var waiter = step.view().waiter(step.hash(), key);
    if (flight == null || waiter == null || !waits(step.entry(), key.cohort())) {
      return;
    }
    var requestKey = new RequestKey(waiter.organizationId(), waiter.requestId(), step.hash());
    var row = step.view().request(requestKey);
    if (row == null) {
      throw new IllegalStateException("waiter " + key + " has no request row");
    }
    var end = RequestEnds.left(waiter, status, flight, step.now());
    step.decide(status == Status.CANCELLED ? CANCELLED : EXPIRED)
        .request(waiter.requestId(), waiter.organizationId(), waiter.tier())
        .job(flight, flight.current())
        .because(status == Status.CANCELLED ? "cancelled" : "deadline");
    step.then(new Effect.DropWaiter(step.hash(), key));
    step.then(new Effect.PutRequest(requestKey, new RequestRow(row.origin(), null, end)));
    step.then(
        new Effect.Complete(
            RequestEnds.completion(
                end,
                waiter.requestId(),
                waiter.organizationId(),
                waiter.userId(),
                step.hash(),
                flight.asked().type(),
                waiter.tier(),
                null,
                false)));
    var left = flight.withCohorts(without(flight.cohorts(), key.cohort(), waiter.tier()));
    step.entry(step.entry().with(left));
    if (left.unwanted()) {
      voidJob(step, left);
    }
  }

  private static void voidJob(Step step, Flight flight) {
    var current = flight.current();
    step.decide(CANCELLED).job(flight, current).because("nobody waits for it");
    if (current.state() == State.RUNNING) {
      step.decide(REVOKED).job(flight, current).because("nobody waits for it");
    }
    Runs.revoke(step, flight.jobId(), current.epoch(), current.runId(), "nobody waits for it");
    for (var dispatch : flight.superseded()) {
      if (dispatch.runId() != null) {
        Runs.revoke(
            step, flight.jobId(), dispatch.epoch(), dispatch.runId(), "nobody waits for it");
      }
    }
    step.then(new Effect.Release(step.hash()));
    step.then(Ends.finish(step, flight, Status.CANCELLED));
    step.then(new Effect.DropParams(flight.jobId()));
    step.entry(step.entry().with((Flight) null));
  }

  private static boolean waits(Entry entry, long cohort) {
    var flight = entry.flight();
    return flight != null
        && flight.cohorts().stream().anyMatch(candidate -> candidate.number() == cohort);
  }

  private static List<Cohort> without(List<Cohort> cohorts, long number, Tier tier) {
    return cohorts.stream()
        .map(cohort -> cohort.number() == number ? cohort.plus(tier, -1) : cohort)
        .filter(cohort -> cohort.size() > 0)
        .toList();
  }
}
