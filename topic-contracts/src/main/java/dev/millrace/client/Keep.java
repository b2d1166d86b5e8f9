package dev.millrace.client;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How long a value is kept.
///
/// @param ttlMs milliseconds; or
/// @param ttl a name the server knows; with neither the policy of the value's kind decides
public record Keep(@Nullable Long ttlMs, @Nullable String ttl) {

  /// As the server's policies say: that of the key's kind, of the namespace, or the default.
  public static final Keep BY_POLICY = new Keep(null, null);

  /// A minute.
  public static final Keep SHORT = new Keep(null, "short");

  /// Five minutes.
  public static final Keep MEDIUM = new Keep(null, "medium");

  /// An hour.
  public static final Keep LONG = new Keep(null, "long");

  public static final Keep DAY = new Keep(null, "day");
  public static final Keep WEEK = new Keep(null, "week");

  /// Until it is deleted.
  public static final Keep FOR_EVER = new Keep(null, "none");

  /// For a time of at least a millisecond.
  public static Keep of(Duration time) {
    return new Keep(time.toMillis(), null);
  }
}
