package dev.millrace.contracts;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/// The states of a request, as completions, progress and history show them.
public enum Status {
  QUEUED,
  PROCESSING,
  RETRYING,
  COMPLETED,
  FAILED,
  CANCELLED,
  EXPIRED,
  REJECTED;

  /// The name as JSON spells it: lower case with hyphens.
  @JsonValue
  public String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// The value spelled `id`.
  ///
  /// @throws IllegalArgumentException when there is none of that name
  @JsonCreator
  public static Status of(String id) {
    for (var value : values()) {
      if (value.id().equals(id)) {
        return value;
      }
    }
    throw new IllegalArgumentException("no status '" + id + "'");
  }
}
