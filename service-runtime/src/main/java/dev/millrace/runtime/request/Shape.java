package dev.millrace.runtime.request;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a JSON schema says beyond validation, compiled once: which fields an object knows, their
/// defaults, which arrays are sets, and the words for what is expected.
///
/// Followed are `properties`, `additionalProperties`, `items` and local `$ref`s. Inside `anyOf` and
/// its kin nothing is filled in or sorted.
final class Shape {

  static final String UNORDERED = "x-unordered";
  static final String UNIQUE_BY = "x-unique-by";
  static final String EXPECTED = "x-expected";
  static final Set<String> EXTENSIONS = Set.of(UNORDERED, UNIQUE_BY, EXPECTED);

  private final Map<String, Shape> properties = new LinkedHashMap<>();
  private boolean closed;
  private @Nullable JsonNode whenMissing;
  private @Nullable Shape additional;
  private @Nullable Shape items;
  private boolean unordered;
  private @Nullable String uniqueBy;
  private @Nullable String expected;

  private Shape() {}

  /// Compiles `schema`, and closes it in place: an object schema with `properties` that does not
  /// say otherwise gets `additionalProperties: false`.
  ///
  /// @throws IllegalArgumentException when a reference or an extension keyword is wrong
  static Shape compile(ObjectNode schema) {
    return new Compiler(schema).shape(schema, "#");
  }

  Map<String, Shape> properties() {
    return properties;
  }

  /// The names of the fields an object may have, in the order of the schema.
  Set<String> names() {
    return properties.keySet();
  }

  /// Whether an object may have no other fields than [#names].
  boolean closed() {
    return closed;
  }

  /// What a missing value stands for; not to be changed.
  @Nullable JsonNode whenMissing() {
    return whenMissing;
  }

  /// The shape of an object's further fields.
  @Nullable Shape additional() {
    return additional;
  }

  /// The shape of an array's elements.
  @Nullable Shape items() {
    return items;
  }

  /// Whether the order of an array's elements means nothing.
  boolean unordered() {
    return unordered;
  }

  /// The field in which an array's elements must differ.
  @Nullable String uniqueBy() {
    return uniqueBy;
  }

  /// The schema's own words for what is expected here.
  @Nullable String expected() {
    return expected;
  }

  /// The names of all fields at any depth.
  Set<String> allNames() {
    var names = new LinkedHashSet<String>();
    collect(names, new HashSet<>());
    return names;
  }

  private void collect(Set<String> names, Set<Shape> seen) {
    if (!seen.add(this)) {
      return;
    }
    names.addAll(properties.keySet());
    var below = new ArrayList<Shape>(properties.values());
    if (additional != null) {
      below.add(additional);
    }
    if (items != null) {
      below.add(items);
    }
    below.forEach(shape -> shape.collect(names, seen));
  }

  /// The shape of the field `name`, or null when the schema does not follow it.
  @Nullable Shape at(String name) {
    Shape known = properties.get(name);
    return known == null ? additional : known;
  }

  private record Compiler(ObjectNode root, Map<JsonNode, Shape> done) {

    Compiler(ObjectNode root) {
      this(root, new IdentityHashMap<>());
    }

    Shape shape(JsonNode schema, String at) {
      if (schema.has("$ref")) {
        return referred(schema.get("$ref").asText(), at);
      }
      Shape known = done.get(schema);
      if (known != null) {
        return known;
      }
      var shape = new Shape();
      done.put(schema, shape);
      if (schema instanceof ObjectNode object) {
        fill(shape, object, at);
      }
      return shape;
    }

    private Shape referred(String reference, String at) {
      JsonNode target = reference.startsWith("#/") ? root.at(reference.substring(1)) : null;
      if (target == null || !target.isObject() || target.has("$ref")) {
        throw new IllegalArgumentException(
            at + "/$ref must name a schema in this file such as #/$defs/name, got " + reference);
      }
      return shape(target, reference);
    }

    private void fill(Shape shape, ObjectNode schema, String at) {
      for (var names = schema.fieldNames(); names.hasNext(); ) {
        String name = names.next();
        if (name.startsWith("x-") && !EXTENSIONS.contains(name)) {
          throw new IllegalArgumentException(
              at + " has an unknown keyword " + name + Nearest.hint(name, EXTENSIONS));
        }
      }
      shape.whenMissing = schema.get("default");
      shape.unordered = flag(schema, UNORDERED, at);
      shape.uniqueBy = text(schema, UNIQUE_BY, at);
      shape.expected = text(schema, EXPECTED, at);
      if (schema.get("properties") instanceof ObjectNode properties) {
        if (!schema.has("additionalProperties")) {
          schema.put("additionalProperties", false);
        }
        for (var field : properties.properties()) {
          shape.properties.put(
              field.getKey(), shape(field.getValue(), at + "/properties/" + field.getKey()));
        }
      }
      JsonNode additional = schema.get("additionalProperties");
      shape.closed = additional != null && additional.isBoolean() && !additional.booleanValue();
      if (additional instanceof ObjectNode) {
        shape.additional = shape(additional, at + "/additionalProperties");
      }
      if (schema.get("items") instanceof ObjectNode items) {
        shape.items = shape(items, at + "/items");
      }
    }

    private static boolean flag(ObjectNode schema, String name, String at) {
      JsonNode value = schema.get(name);
      if (value != null && !value.isBoolean()) {
        throw new IllegalArgumentException(at + "/" + name + " must be true or false");
      }
      return value != null && value.booleanValue();
    }

    private static @Nullable String text(ObjectNode schema, String name, String at) {
      JsonNode value = schema.get(name);
      if (value != null && !value.isTextual()) {
        throw new IllegalArgumentException(at + "/" + name + " must be a string");
      }
      return value == null ? null : value.textValue();
    }
  }
}
