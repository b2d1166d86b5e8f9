package dev.millrace.cache.ledger;

import dev.millrace.contracts.Admitted;
import dev.millrace.contracts.CacheMode;
import dev.millrace.runtime.reads.Question;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// On which terms a known answer is good for somebody.
///
/// @param ttlMs the oldest answer that is good; null: any that has not expired
/// @param maxStaleMs how far past its time it may be and is given as stale; null: not at all
record Terms(
    CacheMode mode,
    String type,
    List<String> tags,
    @Nullable Long ttlMs,
    @Nullable Long maxStaleMs) {

  static Terms of(Admitted request) {
    return new Terms(
        request.mode(),
        request.type(),
        request.tags(),
        request.ttlMs() != null ? request.ttlMs() : request.policy().oldestMs(),
        maxStaleMs(request));
  }

  /// What the request takes by its mode, or its type gives: the longer of both. A request that says
  /// itself how old an answer may be gets none that is older.
  private static @Nullable Long maxStaleMs(Admitted request) {
    var own = request.mode() == CacheMode.STALE_OK ? request.maxStaleMs() : null;
    boolean asItsType = request.ttlMs() == null && Refreshes.wanted(request);
    var ofType = asItsType ? request.policy().staleMs() : null;
    if (own == null || ofType == null) {
      return own == null ? ofType : own;
    }
    return Math.max(own, ofType);
  }

  /// Of somebody who takes nothing stale.
  static Terms of(Question question) {
    return new Terms(question.mode(), question.type(), question.tags(), question.ttlMs(), null);
  }

  boolean reads() {
    return mode != CacheMode.REFRESH && mode != CacheMode.BYPASS;
  }
}
