package dev.millrace.publisher.sse;

import dev.millrace.contracts.Status;
import org.jspecify.annotations.Nullable;

/// How a request stands when somebody begins to listen.
///
/// @param data what the event says
/// @param partition and `offset`: where its completion stands, when it ended and that is known
public record Snapshot(
    RequestKey request,
    Status status,
    @Nullable String jobId,
    Object data,
    @Nullable Integer partition,
    @Nullable Long offset) {

  public boolean ended() {
    return switch (status) {
      case QUEUED, PROCESSING, RETRYING -> false;
      case COMPLETED, FAILED, CANCELLED, EXPIRED, REJECTED -> true;
    };
  }

  /// Whether a listener that saw as much as `seen` had this end already.
  public boolean seenIn(Positions seen) {
    return partition != null && offset != null && seen.covers(partition, offset);
  }
}
