package dev.millrace.contracts;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What became of a dispatch: said by workers, by the retry relay (`due`) and by the ledger to
/// itself (`check`). Keyed by request hash, in the partition the [Job] names.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "outcome")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Outcome.Started.class, name = "started"),
  @JsonSubTypes.Type(value = Outcome.Heartbeat.class, name = "heartbeat"),
  @JsonSubTypes.Type(value = Outcome.Succeeded.class, name = "succeeded"),
  @JsonSubTypes.Type(value = Outcome.Failed.class, name = "failed"),
  @JsonSubTypes.Type(value = Outcome.Cancelled.class, name = "cancelled"),
  @JsonSubTypes.Type(value = Outcome.Declined.class, name = "declined"),
  @JsonSubTypes.Type(value = Outcome.Due.class, name = "due"),
  @JsonSubTypes.Type(value = Outcome.Check.class, name = "check"),
})
@JsonInclude(JsonInclude.Include.NON_NULL)
public sealed interface Outcome {

  JobId jobId();

  RequestHash requestHash();

  long epoch();

  /// A run took the dispatch: binds the epoch to `runId`.
  record Started(
      JobId jobId, RequestHash requestHash, long epoch, String runId, String workerId, Instant at)
      implements Outcome {}

  /// The run is alive.
  ///
  /// @param waiting whether it still waits for its grant
  record Heartbeat(
      JobId jobId,
      RequestHash requestHash,
      long epoch,
      String runId,
      String workerId,
      boolean waiting,
      Instant at)
      implements Outcome {}

  /// The run has an answer: inline, or as a reference into the blob store.
  ///
  /// @param runMs from start to end of the handler
  /// @param confidence 0–1, where the handler knows one
  record Succeeded(
      JobId jobId,
      RequestHash requestHash,
      long epoch,
      String runId,
      String workerId,
      long runMs,
      @Nullable Double confidence,
      @Nullable JsonNode result,
      @Nullable String resultRef,
      @Nullable Long resultBytes,
      @Nullable String resultSha256,
      Instant at)
      implements Outcome {}

  /// The run failed.
  ///
  /// @param retryAfterMs the wait the handler asks for before the next attempt
  record Failed(
      JobId jobId,
      RequestHash requestHash,
      long epoch,
      String runId,
      String workerId,
      long runMs,
      Failure error,
      @Nullable Long retryAfterMs,
      Instant at)
      implements Outcome {}

  /// The run stopped because it was revoked.
  record Cancelled(
      JobId jobId, RequestHash requestHash, long epoch, String runId, String workerId, Instant at)
      implements Outcome {}

  /// A worker gave the dispatch back, before or after `started`: the attempt does not count.
  ///
  /// @param runId null when nothing was started
  record Declined(
      JobId jobId,
      RequestHash requestHash,
      long epoch,
      @Nullable String runId,
      String workerId,
      DeclineReason reason,
      Instant at)
      implements Outcome {}

  /// The backoff of a retry record is over.
  record Due(JobId jobId, RequestHash requestHash, long epoch, Instant at) implements Outcome {}

  /// The ledger's note to itself, behind every outcome on its way: is the run still silent?
  ///
  /// @param round 1 gives the run two more seconds, 2 ends its lease
  record Check(
      JobId jobId, RequestHash requestHash, long epoch, String runId, int round, Instant at)
      implements Outcome {}
}
