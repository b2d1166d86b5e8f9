package dev.millrace.cache.ledger;

import dev.millrace.cache.ledger.Flight.Asked;
import dev.millrace.contracts.Policy.Caching;
import java.util.Optional;
import java.util.function.IntSupplier;

/// Whether an answer is worth its room: dear enough to compute again, sure enough of itself, and
/// neither it nor its question too long. What is refused is given to all who wait, and not kept.
final class Keeping {

  private Keeping() {}

  /// What a run brought.
  ///
  /// @param confidence how sure it is of its answer, 0–1, where it says so
  /// @param inputBytes how long its params are in canonical UTF-8; asked only if it matters
  record Brought(Optional<Double> confidence, long resultBytes, IntSupplier inputBytes) {}

  /// Why the answer is not kept; empty: it is.
  ///
  /// @param threshold the least cost score of an answer that is kept
  static Optional<String> refusal(Asked asked, int threshold, Brought brought) {
    if (!asked.stores()) {
      return Optional.of("every waiter bypasses the cache");
    }
    if (asked.policy().costScore() < threshold) {
      return Optional.of(
          "its cost score is " + asked.policy().costScore() + ", and cache.threshold " + threshold);
    }
    var caching = asked.policy().caching();
    return caching == null ? Optional.empty() : refusal(caching, brought);
  }

  private static Optional<String> refusal(Caching caching, Brought brought) {
    var least = caching.minConfidence();
    if (least != null && brought.confidence().orElse(0.0) < least) {
      var confidence = brought.confidence().map(given -> "is " + given).orElse("is not given");
      return Optional.of("its confidence " + confidence + ", and at least " + least + " is kept");
    }
    var longest = caching.maxResultBytes();
    if (longest != null && brought.resultBytes() > longest) {
      return Optional.of(tooLong("it", brought.resultBytes(), longest));
    }
    var longestInput = caching.maxInputBytes();
    if (longestInput != null) {
      int inputBytes = brought.inputBytes().getAsInt();
      if (inputBytes > longestInput) {
        return Optional.of(tooLong("its question", inputBytes, longestInput));
      }
    }
    return Optional.empty();
  }

  private static String tooLong(String what, long bytes, long most) {
    return what + " has " + bytes + " bytes, and at most " + most + " are kept";
  }
}
