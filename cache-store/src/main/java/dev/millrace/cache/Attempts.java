package dev.millrace.cache;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/// When something may be tried that costs even where it does not help: at once, and then after a
/// pause that doubles from 15 s to 15 min.
final class Attempts {

  static final Duration FIRST = Duration.ofSeconds(15);
  static final Duration LONGEST = Duration.ofMinutes(15);

  private record Last(long nanos, Duration pause) {}

  private final LongSupplier nanoTime;
  private final Map<String, Last> lasts = new HashMap<>();

  Attempts(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /// Whether it is time for an attempt, which counts from now on, whatever becomes of it.
  boolean begin(String name) {
    long now = nanoTime.getAsLong();
    var last = lasts.get(name);
    if (last == null) {
      lasts.put(name, new Last(now, FIRST));
      return true;
    }
    if (now - last.nanos() < last.pause().toNanos()) {
      return false;
    }
    var twice = last.pause().multipliedBy(2);
    lasts.put(name, new Last(now, twice.compareTo(LONGEST) > 0 ? LONGEST : twice));
    return true;
  }

  /// Forgets all others: they needed no further attempt.
  void retain(Collection<String> names) {
    lasts.keySet().retainAll(names);
  }
}
