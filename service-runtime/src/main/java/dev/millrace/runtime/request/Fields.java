package dev.millrace.runtime.request;

import static dev.millrace.contracts.RejectionCode.E_ID;
import static dev.millrace.contracts.RejectionCode.E_SCHEMA;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.contracts.RejectionCode;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The fields of one closed object, such as the envelope of a request or a command, read one by one
/// with what is expected of each. A missing field is null; a JSON null is as wrong as any other
/// value of the wrong kind.
public final class Fields {

  private final ObjectNode object;
  private final String prefix;

  /// Takes a closed object.
  ///
  /// @param path where it stands; empty for the request itself
  /// @throws RejectedException when it has a field outside `known`
  public Fields(ObjectNode object, String path, Set<String> known) {
    this.object = object;
    this.prefix = path.isEmpty() ? "" : path + ".";
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      if (!known.contains(field.getKey())) {
        throw SchemaCheck.unknownField(field.getKey(), known, new FieldPath(path));
      }
    }
  }

  public @Nullable JsonNode get(String name) {
    return object.get(name);
  }

  public @Nullable String text(String name, String expected) {
    return text(name, E_SCHEMA, expected);
  }

  @Nullable String text(String name, RejectionCode code, String expected) {
    JsonNode value = object.get(name);
    if (value == null) {
      return null;
    }
    if (!value.isTextual()) {
      throw refuse(name, code, expected);
    }
    return value.textValue();
  }

  public @Nullable String identifier(String name) {
    String id = text(name, Identifiers.EXPECTED);
    if (id != null && !Identifiers.isValid(id)) {
      throw refuse(name, E_ID, Identifiers.EXPECTED);
    }
    return id;
  }

  public @Nullable Long whole(String name, long least, long most) {
    JsonNode value = object.get(name);
    if (value == null) {
      return null;
    }
    if (!value.isIntegralNumber() || value.longValue() < least || value.longValue() > most) {
      throw refuse(name, E_SCHEMA, "a whole number from " + least + " to " + most);
    }
    return value.longValue();
  }

  /// One of `names`; what it stands for has the same index.
  public <T> @Nullable T choice(String name, List<String> names, T[] values) {
    String text = text(name, "one of " + String.join(", ", names));
    if (text == null) {
      return null;
    }
    int index = names.indexOf(text);
    if (index < 0) {
      throw refuse(
          name, E_SCHEMA, "one of " + String.join(", ", names) + Nearest.hint(text, names));
    }
    return values[index];
  }

  public @Nullable Instant time(String name) {
    String expected = "a time such as 2026-11-20T09:31:22.498Z";
    String text = text(name, expected);
    if (text == null) {
      return null;
    }
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeParseException _) {
      throw refuse(name, E_SCHEMA, expected);
    }
  }

  /// The fields of the object `name`, or null when it is missing.
  public @Nullable Fields object(String name, Set<String> known) {
    JsonNode value = object.get(name);
    if (value == null) {
      return null;
    }
    if (!(value instanceof ObjectNode below)) {
      throw refuse(name, E_SCHEMA, "an object");
    }
    return new Fields(below, prefix + name, known);
  }

  public RejectedException refuse(String name, RejectionCode code, String expected) {
    JsonNode value = object.path(name);
    String got =
        value.isMissingNode()
            ? ", got nothing"
            : value.isTextual()
                ? ", got " + Printable.quoted(value.textValue())
                : value.isContainerNode() ? "" : ", got " + Printable.plain(value.toString());
    return new RejectedException(code, "expected " + expected + got, prefix + name);
  }

  RejectedException refuse(String name, int index, RejectionCode code, String message) {
    return new RejectedException(code, message, prefix + name + "[" + index + "]");
  }
}
