package dev.millrace.workers.attempts;

import org.jspecify.annotations.Nullable;

/// Guesses when a run is done, from how fast it has been lately: an exponentially weighted mean of
/// its rate, in which what was five seconds ago counts about a third.
final class Eta {

  private static final double MEMORY_NANOS = 5e9;

  private final long begin;
  private long last;
  private double done;
  private double rate;

  Eta(long begin) {
    this.begin = begin;
    this.last = begin;
  }

  /// @param fraction 0–1, never less than before
  void at(long now, double fraction) {
    long passed = now - last;
    if (passed <= 0 || fraction <= done) {
      return;
    }
    double current = (fraction - done) / passed;
    double weight = last == begin ? 1 : 1 - Math.exp(-passed / MEMORY_NANOS);
    rate += weight * (current - rate);
    last = now;
    done = fraction;
  }

  /// What is left in ms, or null while nothing is known.
  @Nullable Long remainingMs(long now) {
    if (rate <= 0) {
      return null;
    }
    double left = (1 - done) / rate - (now - last);
    return Math.max(0, Math.round(left / 1e6));
  }
}
