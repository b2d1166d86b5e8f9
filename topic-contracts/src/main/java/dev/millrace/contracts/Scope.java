package dev.millrace.contracts;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/// Who may share an answer. Part of the request hash.
public enum Scope {
  PRIVATE,
  WORKSPACE,
  ORGANIZATION,
  GLOBAL;

  /// The name as JSON spells it: lower case with hyphens.
  @JsonValue
  public String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// The value spelled `id`.
  ///
  /// @throws IllegalArgumentException when there is none of that name
  @JsonCreator
  public static Scope of(String id) {
    for (var value : values()) {
      if (value.id().equals(id)) {
        return value;
      }
    }
    throw new IllegalArgumentException("no scope '" + id + "'");
  }
}
