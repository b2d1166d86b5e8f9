package dev.millrace.contracts;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/// Where the answer of a completed request came from.
public enum Source {
  COMPUTED,
  JOINED,
  CACHED,
  STALE;

  /// The name as JSON spells it: lower case with hyphens.
  @JsonValue
  public String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// The value spelled `id`.
  ///
  /// @throws IllegalArgumentException when there is none of that name
  @JsonCreator
  public static Source of(String id) {
    for (var value : values()) {
      if (value.id().equals(id)) {
        return value;
      }
    }
    throw new IllegalArgumentException("no source '" + id + "'");
  }
}
