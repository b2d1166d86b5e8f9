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

/// What the rules may look up beside the entry. Reading changes nothing.
interface View {

  @Nullable RequestRow request(RequestKey key);

  /// Whether a cancel of this request came before it.
  boolean cancelledAhead(@Nullable String organizationId, String requestId);

  @Nullable Waiter waiter(RequestHash hash, WaiterKey key);

  /// The params of a job in flight.
  @Nullable ObjectNode params(JobId jobId);

  /// The result of the answer that the entry of a hash holds; null when it cannot be read. It can
  /// be written, not looked into.
  @Nullable JsonNode result(RequestHash hash, Answer answer);

  /// Whether the result of an answer should be in the blob store, and the store says that it is
  /// not. One that cannot say misses nothing.
  boolean missing(Answer answer);

  /// The generation in which a subject was last invalidated; 0: never.
  long invalidated(Subject subject);

  /// How long the tag prefixes are that were ever invalidated.
  SortedSet<Integer> prefixLengths();

  /// Whether there can be room for an answer that takes so many bytes.
  boolean fits(long bytes);

  Ledger.LedgerSettings.Limits limits();

  /// Whether the lane is paused.
  boolean paused(Tier lane);

  /// How the queued jobs of this one's lane fare in this partition.
  Queue queue(Flight.Dispatch dispatch);

  /// How the queued jobs of one lane fare.
  ///
  /// @param oldestEpoch the lowest epoch that is queued; `Long.MAX_VALUE` when none is
  /// @param startedEpoch the highest epoch that was started long ago; 0 when none
  /// @param quiet whether nothing of the lane has started in this partition for long
  record Queue(long oldestEpoch, long startedEpoch, boolean quiet) {}
}
