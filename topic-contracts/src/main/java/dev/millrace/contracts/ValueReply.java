package dev.millrace.contracts;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One partition's answer to a [ValueCommand]. The command is done when all of its parts have
/// answered.
///
/// @param op as in the command; null when intake could not tell
/// @param parts how many partitions answer
/// @param key of a command about one key
/// @param found whether there was a value before; with `ifAbsent` it then stays
/// @param value what was found, or the new count
/// @param values what an `mget` found here; a key that is missing has no value
/// @param expiresAt until when the value is kept, or the count goes on; null: for ever
/// @param code why it is not ok
/// @param error the same in words
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ValueReply(
    boolean ok,
    @Nullable String op,
    String commandId,
    int partition,
    int parts,
    @Nullable String namespace,
    @Nullable String key,
    @Nullable Boolean found,
    @Nullable JsonNode value,
    @Nullable Map<String, JsonNode> values,
    @Nullable Instant expiresAt,
    @Nullable RejectionCode code,
    @Nullable String error,
    Instant at) {

  public ValueReply {
    values = values == null ? null : Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }
}
