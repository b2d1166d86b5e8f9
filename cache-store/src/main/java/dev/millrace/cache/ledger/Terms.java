package dev.millrace.cache.ledger;

import dev.millrace.contracts.Admitted;
import dev.millrace.contracts.CacheMode;
import dev.millrace.runtime.reads.Question;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// On which terms a known answer is good for somebody.
///
/// @param ttlMs the oldest answer that is good; null: any that has not expired
/// @param maxStaleMs how far past its time it may be, for `stale-ok`
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
        Admission.ttlMs(request),
        request.maxStaleMs());
  }

  /// Of somebody who takes nothing stale.
  static Terms of(Question question) {
    return new Terms(question.mode(), question.type(), question.tags(), question.ttlMs(), null);
  }

  boolean reads() {
    return mode != CacheMode.REFRESH && mode != CacheMode.BYPASS;
  }
}
