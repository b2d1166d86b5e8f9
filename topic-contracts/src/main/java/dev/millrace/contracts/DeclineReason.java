package dev.millrace.contracts;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/// Why a worker gave a dispatch back.
public enum DeclineReason {
  /// The worker is stopping.
  DRAIN,
  /// No slot came free in time.
  BUSY,
  /// A background run made room for a job somebody waits for.
  YIELD,
  /// No handler of this worker knows the type.
  UNKNOWN_TYPE,
  /// The blob store did not take the result of the run.
  NOT_KEPT;

  /// The name as JSON spells it: lower case with hyphens.
  @JsonValue
  public String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// The value spelled `id`.
  ///
  /// @throws IllegalArgumentException when there is none of that name
  @JsonCreator
  public static DeclineReason of(String id) {
    for (var value : values()) {
      if (value.id().equals(id)) {
        return value;
      }
    }
    throw new IllegalArgumentException("no reason to decline '" + id + "'");
  }
}
