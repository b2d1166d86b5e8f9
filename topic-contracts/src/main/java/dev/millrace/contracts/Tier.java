package dev.millrace.contracts;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import java.util.Optional;

/// A subscription tier. The topic a request came on decides it; each tier has one lane.
public enum Tier {
  FREE,
  PRO,
  ENTERPRISE;

  /// The tier as topics, JSON and headers spell it: `free`, `pro`, `enterprise`.
  @JsonValue
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// The tier spelled `id`, or empty when there is none of that name.
  public static Optional<Tier> find(String id) {
    for (var tier : values()) {
      if (tier.id().equals(id)) {
        return Optional.of(tier);
      }
    }
    return Optional.empty();
  }

  /// The tier spelled `id`.
  ///
  /// @throws IllegalArgumentException when there is none of that name
  @JsonCreator
  public static Tier of(String id) {
    return find(id)
        .orElseThrow(() ->
            new IllegalArgumentException("no tier '" + id + "': expected free, pro or enterprise"));
  }

  /// Whether this tier is served before `other`.
  public boolean betterThan(Tier other) {
    return compareTo(other) > 0;
  }
}
