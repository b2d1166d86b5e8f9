package dev.millrace.contracts;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the type of a request says about running and keeping its answer, resolved at intake, so
/// that nobody behind it needs the type definition.
///
/// @param ttlMs how long an answer is good, from its completion; null: no expiry
/// @param negativeTtlMs how long a permanent failure is remembered, ms; 0: not at all
/// @param maxAttempts attempts of a job when no waiter asks for more
/// @param backoffMs wait before attempt 2, 3, …; the last one repeats
/// @param runLimitMs the longest a run may take
/// @param effect whether a run changes the world outside: it then waits for a grant
/// @param costScore how dear the answer is to compute, 0–100
/// @param caching what else decides whether and how long an answer is kept; null: nothing
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Policy(
    @Nullable Long ttlMs,
    long negativeTtlMs,
    int maxAttempts,
    List<Long> backoffMs,
    long runLimitMs,
    boolean effect,
    int costScore,
    @Nullable Caching caching) {

  public Policy {
    backoffMs = List.copyOf(backoffMs);
  }

  /// Whether an answer may be computed for nobody: what an effect changes, only those who ask for
  /// it may want changed.
  @JsonIgnore
  public boolean runsUnasked() {
    return !effect;
  }

  /// The age, ms, from which on no answer of the type is fresh, whatever its own TTL has become;
  /// null: never.
  @JsonIgnore
  public @Nullable Long oldestMs() {
    return caching != null && caching.adapts() ? caching.maxTtlMs() : ttlMs;
  }

  /// How long past its TTL an answer is still given while a new one is computed, ms; null: not at
  /// all.
  @JsonIgnore
  public @Nullable Long staleMs() {
    return caching == null ? null : caching.staleWhileRevalidateMs();
  }

  /// What a type may say about keeping answers beyond their TTL.
  ///
  /// @param staleWhileRevalidateMs how long past its TTL an answer is still given while a new one
  ///   is computed in the background
  /// @param refreshBeta how eagerly an answer is computed again before it expires: XFetch's beta
  ///   (Vattani, Chierichetti, Lowenstein: Optimal Probabilistic Cache Stampede Prevention, 2015);
  ///   1 is the optimum, 0 never
  /// @param minTtlMs with `maxTtlMs`: the TTL begins with that of the type and adapts within these
  ///   bounds to whether a new answer differs from the last
  /// @param minConfidence answers less confident than this are not kept, 0–1
  /// @param maxInputBytes answers to longer params are not kept, canonical UTF-8
  /// @param maxResultBytes longer answers are not kept
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Caching(
      @Nullable Long staleWhileRevalidateMs,
      @Nullable Double refreshBeta,
      @Nullable Long minTtlMs,
      @Nullable Long maxTtlMs,
      @Nullable Double minConfidence,
      @Nullable Integer maxInputBytes,
      @Nullable Long maxResultBytes) {

    /// Whether the TTL of an answer follows from how the answer changed before.
    @JsonIgnore
    public boolean adapts() {
      return minTtlMs != null && maxTtlMs != null;
    }
  }
}
