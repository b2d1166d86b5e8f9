package dev.millrace.bench;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/// What a stream of requests came to: how each ended, and how long it took.
final class Tally {

  private static final int DIGITS = 3;
  private static final Set<String> ANSWERS = Set.of("computed", "joined", "cached", "raw");

  private final Map<String, Histogram> nanosByEnd = new TreeMap<>();
  private int errors;
  private @Nullable Throwable firstError;

  synchronized void took(long nanos, Answer answer) {
    nanosByEnd
        .computeIfAbsent(answer.how(), _ -> new Histogram(DIGITS))
        .recordValue(Math.max(0, nanos));
  }

  synchronized void failed(Throwable why) {
    errors++;
    if (firstError == null) {
      firstError = why;
    }
  }

  /// How many ended this way.
  synchronized long ended(String how) {
    var nanos = nanosByEnd.get(how);
    return nanos == null ? 0 : nanos.getTotalCount();
  }

  /// The times of those that ended this way.
  synchronized Times times(String how) {
    var nanos = nanosByEnd.get(how);
    return new Times(nanos == null ? new Histogram(DIGITS) : nanos.copy());
  }

  /// The times of all.
  synchronized Times times() {
    var all = new Histogram(DIGITS);
    nanosByEnd.values().forEach(all::add);
    return new Times(all);
  }

  /// @throws IllegalStateException when anything was not answered: then its times mean nothing
  synchronized void demandAnswers() {
    if (errors > 0 || !ANSWERS.containsAll(nanosByEnd.keySet())) {
      throw new IllegalStateException(
          "not everything was answered: %d errors%s, ends %s"
              .formatted(
                  errors, firstError == null ? "" : ", first " + firstError, nanosByEnd.keySet()));
    }
  }

  /// Times in milliseconds.
  record Times(Histogram nanos) {

    long count() {
      return nanos.getTotalCount();
    }

    double p50() {
      return nanos.getValueAtPercentile(50) / 1e6;
    }

    double p99() {
      return nanos.getValueAtPercentile(99) / 1e6;
    }

    double max() {
      return nanos.getMaxValue() / 1e6;
    }
  }
}
