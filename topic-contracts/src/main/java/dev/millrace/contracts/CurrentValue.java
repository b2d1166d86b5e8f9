package dev.millrace.contracts;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What the key/value cache holds under a key, the newest per `namespace/key`; no value when it
/// holds nothing any more.
///
/// @param expiresAt from when on it counts no more, although it may still stand here; null: never
@JsonInclude(JsonInclude.Include.NON_NULL)
public record CurrentValue(
    String namespace, String key, JsonNode value, @Nullable Instant expiresAt, Instant at) {}
