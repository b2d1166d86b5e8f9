package dev.millrace.cache.values;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.contracts.RejectionCode;
import dev.millrace.contracts.ValueCommand;
import dev.millrace.contracts.ValueReply;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a command is answered, without who answers whom.
///
/// @param code why it is refused; a refused command changes nothing
record Answer(
    @Nullable Boolean found,
    @Nullable JsonNode value,
    @Nullable Map<String, JsonNode> values,
    @Nullable Instant expiresAt,
    @Nullable RejectionCode code,
    @Nullable String error) {

  static final Answer DONE = new Answer(null, null, null, null, null, null);

  static Answer found(boolean found) {
    return new Answer(found, null, null, null, null, null);
  }

  static Answer found(@Nullable ValueRow row) {
    return row == null
        ? found(false)
        : new Answer(true, row.value(), null, row.expiresAt(), null, null);
  }

  /// A value was written.
  static Answer kept(boolean before, @Nullable JsonNode value, @Nullable Instant expiresAt) {
    return new Answer(before, value, null, expiresAt, null, null);
  }

  static Answer all(Map<String, JsonNode> values) {
    return new Answer(null, null, values, null, null, null);
  }

  static Answer refused(RejectionCode code, String error) {
    return new Answer(null, null, null, null, code, error);
  }

  boolean ok() {
    return code == null;
  }

  ValueReply to(ValueCommand command, String commandId, int partition, Instant at) {
    return new ValueReply(
        ok(),
        command.op(),
        commandId,
        partition,
        parts(command),
        command.namespace(),
        command instanceof ValueCommand.OneKey one ? one.key() : null,
        found,
        value,
        values,
        expiresAt,
        code,
        error,
        at);
  }

  private static int parts(ValueCommand command) {
    @Nullable Integer parts =
        switch (command) {
          case ValueCommand.OneKey _ -> null;
          case ValueCommand.GetMany many -> many.parts();
          case ValueCommand.SetMany many -> many.parts();
          case ValueCommand.DeletePrefix prefix -> prefix.parts();
        };
    return parts == null ? 1 : parts;
  }
}
