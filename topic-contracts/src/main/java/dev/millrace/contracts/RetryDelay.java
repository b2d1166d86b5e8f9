package dev.millrace.contracts;

import java.time.Duration;

/// The fixed delays of the retry topics. A longer or odd delay walks several of them.
public enum RetryDelay {
  SECOND("1s", Duration.ofSeconds(1)),
  TEN_SECONDS("10s", Duration.ofSeconds(10)),
  MINUTE("1m", Duration.ofMinutes(1)),
  TEN_MINUTES("10m", Duration.ofMinutes(10));

  private final String id;
  private final Duration duration;

  RetryDelay(String id, Duration duration) {
    this.id = id;
    this.duration = duration;
  }

  /// The last level of the topic's name.
  public String id() {
    return id;
  }

  public Duration duration() {
    return duration;
  }

  /// The longest delay that does not overshoot `remaining`, or the shortest there is: waiting is
  /// never too short in the end, because what comes back early walks on.
  public static RetryDelay within(Duration remaining) {
    var best = SECOND;
    for (var delay : values()) {
      if (delay.duration.compareTo(remaining) <= 0) {
        best = delay;
      }
    }
    return best;
  }
}
