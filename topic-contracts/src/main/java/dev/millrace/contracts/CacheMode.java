package dev.millrace.contracts;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/// How one request wants the cache used.
public enum CacheMode {
  /// Answer from the cache when a valid answer is there, else join or compute.
  DEFAULT,
  /// Ignore the cached answer, maybe join a job in flight, store the new answer.
  REFRESH,
  /// Neither read nor store; may join.
  BYPASS,
  /// A hit or a failure at once; never computes.
  ONLY,
  /// Accept an expired answer up to `maxStaleMs` past its time.
  STALE_OK;

  /// The name as JSON spells it: lower case with hyphens.
  @JsonValue
  public String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// The value spelled `id`.
  ///
  /// @throws IllegalArgumentException when there is none of that name
  @JsonCreator
  public static CacheMode of(String id) {
    for (var value : values()) {
      if (value.id().equals(id)) {
        return value;
      }
    }
    throw new IllegalArgumentException("no cache mode '" + id + "'");
  }
}
