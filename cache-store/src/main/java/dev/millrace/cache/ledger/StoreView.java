package dev.millrace.cache.ledger;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.cache.ledger.Entry.Answer;
import dev.millrace.cache.ledger.Rows.RequestKey;
import dev.millrace.cache.ledger.Rows.RequestRow;
import dev.millrace.cache.ledger.Rows.Waiter;
import dev.millrace.cache.ledger.Rows.WaiterKey;
import dev.millrace.contracts.JobId;
import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.Tier;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/// The rules' look into the stores.
record StoreView(
    Stores stores,
    Prefixes prefixes,
    Room room,
    Lanes lanes,
    Ledger.LedgerSettings.Limits limits,
    Ledger.LedgerSettings.Shared shared,
    Ledger.LedgerSettings.Blobs blobs,
    LedgerClock clock)
    implements View {

  @Override
  public @Nullable RequestRow request(RequestKey key) {
    return stores.request(key);
  }

  @Override
  public boolean cancelledAhead(@Nullable String organizationId, String requestId) {
    return stores.cancelledAhead(organizationId, requestId);
  }

  @Override
  public @Nullable Waiter waiter(RequestHash hash, WaiterKey key) {
    return stores.waiter(hash, key);
  }

  @Override
  public @Nullable ObjectNode params(JobId jobId) {
    return stores.params(jobId);
  }

  @Override
  public @Nullable JsonNode result(RequestHash hash, Answer answer) {
    return stores.result(hash, answer);
  }

  @Override
  public boolean missing(Answer answer) {
    return answer.resultRef() != null && blobs.missing(answer.resultRef(), answer.epoch());
  }

  @Override
  public long invalidated(Subject subject) {
    return stores.invalidated(subject);
  }

  @Override
  public SortedSet<Integer> prefixLengths() {
    return prefixes.lengths();
  }

  @Override
  public boolean fits(long bytes) {
    return room.fits(bytes);
  }

  @Override
  public boolean paused(Tier lane) {
    return shared.paused(lane);
  }

  @Override
  public Queue queue(Flight.Dispatch dispatch) {
    return lanes.queue(dispatch, clock.nanos());
  }
}
