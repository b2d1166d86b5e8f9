package dev.millrace.publisher.explain;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.millrace.contracts.CacheMode;
import dev.millrace.contracts.Decision;
import dev.millrace.contracts.DecisionKind;
import dev.millrace.contracts.JobId;
import dev.millrace.contracts.Source;
import dev.millrace.contracts.Status;
import dev.millrace.contracts.Tier;
import dev.millrace.publisher.history.JobRow;
import dev.millrace.runtime.reads.KnownEntry;
import dev.millrace.runtime.request.Explanation.LeftOut;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Why a request was answered as it was: what counted of it, what was decided, and what almost the
/// same was asked before.
///
/// @param identity what makes it the same as another; null when the history does not have it
/// @param cache on which terms it took a cached answer, and how old that is now
/// @param before what was last decided about the same question before this request came; null:
///   nobody had asked it
/// @param decisions about the request and its job, in order
/// @param notes what is not known here, and why
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Explained(
    String requestId,
    @Nullable String organizationId,
    Status status,
    @Nullable Source source,
    @Nullable String type,
    @Nullable Tier tier,
    String requestHash,
    @Nullable String jobId,
    @Nullable Identity identity,
    @Nullable Terms cache,
    @Nullable Step before,
    List<Step> decisions,
    @Nullable JobRow job,
    @Nullable NearestRequest nearest,
    List<String> notes) {

  public Explained {
    decisions = List.copyOf(decisions);
    notes = List.copyOf(notes);
  }

  /// What was hashed.
  ///
  /// @param recipeVersion null when this publisher would hash it otherwise
  /// @param canonicalParams null when they are too long to be kept
  /// @param hashed the fields of the request that count
  /// @param leftOut those that do not, and why
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Identity(
      @Nullable Integer recipeVersion,
      String scopeKey,
      @Nullable String canonicalParams,
      int paramsBytes,
      List<String> hashed,
      List<LeftOut> leftOut) {

    public Identity {
      hashed = List.copyOf(hashed);
      leftOut = List.copyOf(leftOut);
    }
  }

  /// On which terms a cached answer was taken.
  ///
  /// @param ttlMs the oldest answer it took; null: any that had not expired
  /// @param typeTtlMs the oldest answer its type gives; null: for ever
  /// @param atTheDoor whether the door gave the answer before the ledger decided
  /// @param answer what the ledger holds now; null: nothing, or it cannot be asked
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Terms(
      CacheMode mode,
      @Nullable Long ttlMs,
      @Nullable Long typeTtlMs,
      @Nullable Long maxStaleMs,
      boolean atTheDoor,
      KnownEntry.@Nullable Answer answer) {}

  /// One decision.
  ///
  /// @param mine whether it is about this request, not about the job that several may share
  /// @param generation the partition's count of invalidations when it was decided
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Step(
      DecisionKind decision,
      boolean mine,
      @Nullable String reason,
      @Nullable JobId jobId,
      @Nullable Long epoch,
      @Nullable String runId,
      @Nullable Integer attempt,
      @Nullable Tier lane,
      @Nullable Long generation,
      @Nullable Instant expiresAt,
      @Nullable Instant notBefore,
      long sequence,
      Instant at) {

    /// Who else asked is nobody's business.
    static Step of(Decision decision, boolean mine) {
      return new Step(
          decision.decision(),
          mine,
          decision.reason(),
          decision.jobId(),
          decision.epoch(),
          decision.runId(),
          decision.attempt(),
          decision.tier(),
          decision.generation(),
          decision.expiresAt(),
          decision.notBefore(),
          decision.sequence(),
          decision.at());
    }
  }
}
