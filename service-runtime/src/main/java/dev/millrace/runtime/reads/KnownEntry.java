package dev.millrace.runtime.reads;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.millrace.contracts.Failure;
import dev.millrace.contracts.JobId;
import dev.millrace.contracts.RequestHash;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a ledger holds of a hash, for people: everything but the result itself.
///
/// @param partition of the ledger
/// @param at the ledger's time
@JsonInclude(JsonInclude.Include.NON_NULL)
public record KnownEntry(
    RequestHash requestHash,
    String type,
    int partition,
    @Nullable Answer answer,
    @Nullable Flight flight,
    Instant at) {

  /// The newest answer.
  ///
  /// @param status `fresh`, `stale`, `expired` or `invalidated`; `failed` while a permanent failure
  ///   is remembered
  /// @param provenance `COMPUTED`, or `WARMED` when an operator gave it
  /// @param generation of the dispatch it came from: a later invalidation makes it untrue
  /// @param ageMs since it was computed
  /// @param expiresAt null: never
  /// @param sizeBytes of the result
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Answer(
      String status,
      String provenance,
      JobId jobId,
      long epoch,
      long generation,
      List<String> tags,
      Instant completedAt,
      long ageMs,
      @Nullable Instant expiresAt,
      int attempts,
      long runMs,
      long sizeBytes,
      @Nullable String resultRef,
      @Nullable Failure error) {

    public Answer {
      tags = List.copyOf(tags);
    }
  }

  /// The job that computes an answer now.
  ///
  /// @param state `queued`, `running` or `backoff`
  public record Flight(JobId jobId, long epoch, String state, int attempt, long waiters) {}
}
