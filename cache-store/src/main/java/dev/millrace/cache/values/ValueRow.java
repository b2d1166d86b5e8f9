package dev.millrace.cache.values;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What is kept under one key.
///
/// @param expiresAt from when on it does not count; null: never
/// @param generation how many prefixes had been deleted in its partition when it was written
@JsonInclude(JsonInclude.Include.NON_NULL)
record ValueRow(JsonNode value, @Nullable Instant expiresAt, long generation) {

  boolean expired(Instant now) {
    return expiresAt != null && !expiresAt.isAfter(now);
  }
}
