package dev.millrace.runtime.values;

import static dev.millrace.contracts.RejectionCode.E_COMMAND;
import static dev.millrace.contracts.RejectionCode.E_ID;
import static dev.millrace.contracts.RejectionCode.E_SCHEMA;
import static dev.millrace.contracts.RejectionCode.E_SIZE;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.contracts.JsonSerde;
import dev.millrace.contracts.RejectionCode;
import dev.millrace.contracts.ValueCommand;
import dev.millrace.runtime.request.Fields;
import dev.millrace.runtime.request.Identifiers;
import dev.millrace.runtime.request.Nearest;
import dev.millrace.runtime.request.Printable;
import dev.millrace.runtime.request.RejectedException;
import dev.millrace.runtime.request.Rejection;
import dev.millrace.runtime.request.StrictJson;
import dev.millrace.runtime.request.Ttl;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads a value command as strictly as a request: what it does not understand whole, it refuses.
public final class ValueCommandReader {

  /// The longest value, as compact JSON.
  public static final int MAX_VALUE_BYTES = 64 * 1024;

  /// The most keys of one command.
  public static final int MAX_KEYS = 100;

  private static final long MAX_WINDOW_MS = 365L * 24 * 60 * 60 * 1000;
  private static final JsonSerde<JsonNode> JSON = new JsonSerde<>(JsonNode.class);

  private static final List<String> OPS =
      List.of("get", "exists", "set", "delete", "increment", "mget", "mset", "delete-prefix");

  private static final Set<String> KEY = fields("key");
  private static final Set<String> SET = fields("key", "value", "ifAbsent", "ttlMs", "ttl");
  private static final Set<String> INCREMENT = fields("key", "by", "windowMs");
  private static final Set<String> GET_MANY = fields("keys");
  private static final Set<String> SET_MANY = fields("values", "ttlMs", "ttl");
  private static final Set<String> DELETE_PREFIX = fields("prefix");

  private ValueCommandReader() {}

  /// The command that `json` holds.
  ///
  /// @throws RejectedException when it holds none
  public static ValueCommand read(ObjectNode json) {
    JsonNode given = json.get("op");
    var op = given != null && given.isTextual() ? given.textValue() : "";
    return switch (op) {
      case "get" -> get(open(json, KEY));
      case "exists" -> exists(open(json, KEY));
      case "set" -> set(open(json, SET));
      case "delete" -> delete(open(json, KEY));
      case "increment" -> increment(open(json, INCREMENT));
      case "mget" -> getMany(open(json, GET_MANY));
      case "mset" -> setMany(open(json, SET_MANY));
      case "delete-prefix" -> deletePrefix(open(json, DELETE_PREFIX));
      default ->
          throw refuse(
              E_COMMAND,
              (given == null ? "missing" : "unknown op " + Printable.quoted(given.asText()))
                  + ": expected one of "
                  + String.join(", ", OPS)
                  + Nearest.hint(op, OPS),
              "op");
    };
  }

  private static Fields open(ObjectNode json, Set<String> known) {
    return new Fields(json, "", known);
  }

  private static ValueCommand get(Fields fields) {
    return new ValueCommand.Get(id(fields), null, namespace(fields), key(fields));
  }

  private static ValueCommand exists(Fields fields) {
    return new ValueCommand.Exists(id(fields), null, namespace(fields), key(fields));
  }

  private static ValueCommand set(Fields fields) {
    JsonNode ifAbsent = fields.get("ifAbsent");
    if (ifAbsent != null && !ifAbsent.isBoolean()) {
      throw fields.refuse("ifAbsent", E_SCHEMA, "true or false");
    }
    return new ValueCommand.Set(
        id(fields),
        null,
        namespace(fields),
        key(fields),
        value(fields.get("value"), "value"),
        ifAbsent == null ? null : ifAbsent.booleanValue(),
        ttlMs(fields),
        text(fields, "ttl"));
  }

  private static ValueCommand delete(Fields fields) {
    return new ValueCommand.Delete(id(fields), null, namespace(fields), key(fields));
  }

  private static ValueCommand increment(Fields fields) {
    return new ValueCommand.Increment(
        id(fields),
        null,
        namespace(fields),
        key(fields),
        fields.whole("by", -StrictJson.MAX_SAFE, StrictJson.MAX_SAFE),
        fields.whole("windowMs", 1, MAX_WINDOW_MS));
  }

  private static ValueCommand getMany(Fields fields) {
    if (!(fields.get("keys") instanceof ArrayNode array)) {
      throw fields.refuse("keys", E_SCHEMA, "an array of keys");
    }
    checkNumber(array.size(), "keys");
    var keys = new LinkedHashSet<String>();
    for (int i = 0; i < array.size(); i++) {
      var field = "keys[" + i + "]";
      if (!keys.add(checkedKey(array.get(i).asText(), array.get(i).isTextual(), field))) {
        throw refuse(E_SCHEMA, "the key stands twice", field);
      }
    }
    return new ValueCommand.GetMany(
        id(fields), null, namespace(fields), new ArrayList<>(keys), null);
  }

  private static ValueCommand setMany(Fields fields) {
    if (!(fields.get("values") instanceof ObjectNode object)) {
      throw fields.refuse("values", E_SCHEMA, "an object with a value for each key");
    }
    checkNumber(object.size(), "values");
    var values = new LinkedHashMap<String, JsonNode>();
    for (Map.Entry<String, JsonNode> entry : object.properties()) {
      var key = checkedKey(entry.getKey(), true, "values");
      values.put(key, value(entry.getValue(), "values." + key));
    }
    return new ValueCommand.SetMany(
        id(fields), null, namespace(fields), values, ttlMs(fields), text(fields, "ttl"), null);
  }

  private static ValueCommand deletePrefix(Fields fields) {
    var prefix = text(fields, "prefix");
    if (prefix == null) {
      throw refuse(
          E_COMMAND, "missing: a delete-prefix names the prefix, or \"\" for all", "prefix");
    }
    if (!prefix.isEmpty() && !Identifiers.isValid(prefix)) {
      throw fields.refuse("prefix", E_ID, "nothing, or " + Identifiers.EXPECTED);
    }
    return new ValueCommand.DeletePrefix(id(fields), null, namespace(fields), prefix, null);
  }

  private static @Nullable String id(Fields fields) {
    return fields.identifier("commandId");
  }

  private static String namespace(Fields fields) {
    return needed(fields, "namespace");
  }

  private static String key(Fields fields) {
    return needed(fields, "key");
  }

  private static String needed(Fields fields, String name) {
    var id = fields.identifier(name);
    if (id == null) {
      throw refuse(E_COMMAND, "missing: expected " + Identifiers.EXPECTED, name);
    }
    return id;
  }

  private static @Nullable String text(Fields fields, String name) {
    return fields.text(name, "a string");
  }

  /// The time given in milliseconds, once it is sure that it is not given twice.
  private static @Nullable Long ttlMs(Fields fields) {
    var ttl = Ttl.in(fields);
    return ttl == null || fields.get("ttl") != null ? null : ttl.ms();
  }

  private static JsonNode value(@Nullable JsonNode value, String field) {
    if (value == null) {
      throw refuse(E_COMMAND, "missing: a set needs a value", field);
    }
    if (value.isNull()) {
      throw refuse(E_SCHEMA, "expected a value other than null: to have none, delete it", field);
    }
    int bytes = JSON.write(value).length;
    if (bytes > MAX_VALUE_BYTES) {
      throw refuse(E_SIZE, "the value has " + bytes + " bytes: at most " + MAX_VALUE_BYTES, field);
    }
    return value;
  }

  private static void checkNumber(int keys, String field) {
    if (keys == 0 || keys > MAX_KEYS) {
      throw refuse(E_SCHEMA, "expected 1 to " + MAX_KEYS + " keys, got " + keys, field);
    }
  }

  private static String checkedKey(String key, boolean text, String field) {
    if (!text || !Identifiers.isValid(key)) {
      throw refuse(
          E_ID, "expected " + Identifiers.EXPECTED + ", got " + Printable.quoted(key), field);
    }
    return key;
  }

  private static RejectedException refuse(RejectionCode code, String message, String field) {
    return new RejectedException(new Rejection(code, message, field));
  }

  private static Set<String> fields(String... own) {
    var fields = new LinkedHashSet<>(List.of("op", "commandId", "namespace"));
    fields.addAll(List.of(own));
    return fields;
  }
}
