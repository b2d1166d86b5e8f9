package dev.millrace.runtime.request;

import static dev.millrace.contracts.RejectionCode.E_NUMBER;
import static dev.millrace.contracts.RejectionCode.E_SCHEMA;
import static dev.millrace.contracts.RejectionCode.E_UNKNOWN_FIELD;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.dialect.Dialect;
import com.networknt.schema.dialect.Dialects;
import com.networknt.schema.keyword.NonValidationKeyword;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Brings an object to the form its JSON schema (2020-12) describes, or says precisely why it
/// cannot: closed, valid, with all defaults filled in and every set in one order.
public final class SchemaCheck {

  private static final String DIALECT = "https://json-schema.org/draft/2020-12/schema";

  private static final SchemaRegistry SCHEMAS =
      SchemaRegistry.withDialect(
          Dialect.builder(Dialects.getDraft202012())
              .keywords(Shape.EXTENSIONS.stream().map(NonValidationKeyword::new).toList())
              .build(),
          registry ->
              registry.schemaRegistryConfig(
                  SchemaRegistryConfig.builder().failFast(true).locale(Locale.ROOT).build()));

  private final Shape shape;
  private final Schema schema;
  private final String root;

  private SchemaCheck(Shape shape, Schema schema, String root) {
    this.shape = shape;
    this.schema = schema;
    this.root = root;
  }

  /// Compiles a schema.
  ///
  /// @param root what field paths begin with, such as `params`
  /// @throws IllegalArgumentException when the schema is not one, says why
  public static SchemaCheck compile(ObjectNode schema, String root) {
    for (Error error : SCHEMAS.getSchema(SchemaLocation.of(DIALECT)).validate(schema)) {
      throw new IllegalArgumentException(
          "not a JSON schema: at " + error.getInstanceLocation() + " " + error.getMessage());
    }
    ObjectNode own = schema.deepCopy();
    Shape shape = Shape.compile(own);
    Schema compiled = SCHEMAS.getSchema(own);
    compiled.initializeValidators();
    var check = new SchemaCheck(shape, compiled, root);
    try {
      check.checkDefaults(own, "#");
    } catch (RejectedException e) {
      Rejection rejection = e.rejection();
      throw new IllegalArgumentException(rejection.field() + ": " + rejection.message(), e);
    }
    return check;
  }

  Shape shape() {
    return shape;
  }

  /// Fills in defaults, validates and sorts, all in place.
  ///
  /// @throws RejectedException when `value` does not fit
  public void apply(ObjectNode value) {
    var path = new FieldPath(root);
    complete(value, shape, path);
    List<Error> errors = schema.validate(value);
    if (!errors.isEmpty()) {
      throw refuse(errors.getFirst());
    }
    arrange(value, shape, path);
  }

  /* On the way down: unknown fields, numbers that lost their value, missing fields with a default. */

  private static void complete(JsonNode value, @Nullable Shape shape, FieldPath path) {
    switch (value) {
      case ObjectNode object when shape == null || shape.properties().isEmpty() ->
          completeOpen(object, shape, path);
      case ObjectNode object -> completeKnown(object, shape, path);
      case ArrayNode array -> {
        for (int i = 0; i < array.size(); i++) {
          int mark = path.into(i);
          complete(array.get(i), shape == null ? null : shape.items(), path);
          path.back(mark);
        }
      }
      default -> checkNumber(value, path);
    }
  }

  private static void completeKnown(ObjectNode object, Shape shape, FieldPath path) {
    int given = object.size();
    int known = 0;
    for (Map.Entry<String, Shape> property : shape.properties().entrySet()) {
      String name = property.getKey();
      Shape below = property.getValue();
      JsonNode value = object.get(name);
      if (value != null) {
        known++;
      } else if (below.whenMissing() == null) {
        continue;
      } else {
        value = below.whenMissing().deepCopy();
        object.set(name, value);
      }
      int mark = path.into(name);
      complete(value, below, path);
      path.back(mark);
    }
    if (known < given) {
      completeFurther(object, shape, path);
    }
  }

  private static void completeFurther(ObjectNode object, Shape shape, FieldPath path) {
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      String name = field.getKey();
      if (shape.properties().containsKey(name)) {
        continue;
      }
      if (shape.closed()) {
        throw unknown(name, shape, path);
      }
      int mark = path.into(name);
      complete(field.getValue(), shape.additional(), path);
      path.back(mark);
    }
  }

  private static void completeOpen(ObjectNode object, @Nullable Shape shape, FieldPath path) {
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      if (shape != null && shape.closed()) {
        throw unknown(field.getKey(), shape, path);
      }
      int mark = path.into(field.getKey());
      complete(field.getValue(), shape == null ? null : shape.additional(), path);
      path.back(mark);
    }
  }

  private static RejectedException unknown(String name, Shape shape, FieldPath path) {
    return unknownField(name, shape.names(), path);
  }

  static RejectedException unknownField(String name, Collection<String> known, FieldPath path) {
    String hint = Nearest.hint(name, known);
    if (hint.isEmpty() && !known.isEmpty()) {
      hint = ": expected one of " + String.join(", ", known);
    }
    return new RejectedException(
        E_UNKNOWN_FIELD, "unknown field " + Printable.quoted(name) + hint, path.child(name));
  }

  private static void checkNumber(JsonNode value, FieldPath path) {
    if (value.isDouble() && Math.abs(value.doubleValue()) > StrictJson.MAX_SAFE) {
      throw new RejectedException(
          E_NUMBER,
          "numbers beyond ±9007199254740991 are not told apart by a double: send it as a string",
          path.toString());
    }
  }

  /* On the way up, when everything is valid: sets get their one order. */

  private static void arrange(JsonNode value, @Nullable Shape shape, FieldPath path) {
    if (shape == null) {
      return;
    }
    if (value instanceof ObjectNode object) {
      for (Map.Entry<String, JsonNode> field : object.properties()) {
        if (field.getValue().isContainerNode()) {
          int mark = path.into(field.getKey());
          arrange(field.getValue(), shape.at(field.getKey()), path);
          path.back(mark);
        }
      }
    } else if (value instanceof ArrayNode array) {
      for (int i = 0; i < array.size() && shape.items() != null; i++) {
        int mark = path.into(i);
        arrange(array.get(i), shape.items(), path);
        path.back(mark);
      }
      if (shape.uniqueBy() != null) {
        checkUnique(array, shape.uniqueBy(), path);
      }
      if (shape.unordered() && array.size() > 1) {
        sort(array);
      }
    }
  }

  private static void checkUnique(ArrayNode array, String name, FieldPath path) {
    var seen = new HashSet<JsonNode>();
    for (int i = 0; i < array.size(); i++) {
      JsonNode value = array.get(i).get(name);
      if (value != null && !seen.add(value)) {
        path.into(i);
        throw new RejectedException(
            E_SCHEMA,
            "expected a different "
                + name
                + " in every element, got "
                + Printable.plain(value.toString())
                + " again",
            path.child(name));
      }
    }
  }

  private static void sort(ArrayNode array) {
    record Spelled(String canonical, JsonNode element) {}
    var elements = new ArrayList<Spelled>(array.size());
    for (JsonNode element : array) {
      elements.add(new Spelled(CanonicalJson.of(element), element));
    }
    elements.sort(Comparator.comparing(Spelled::canonical));
    array.removeAll();
    for (Spelled element : elements) {
      array.add(element.element());
    }
  }

  /* What a violation is called. */

  private RejectedException refuse(Error error) {
    var path = new FieldPath(root);
    Shape at = shape;
    var location = error.getInstanceLocation();
    for (int i = 0; i < location.getNameCount(); i++) {
      Object step = location.getElement(i);
      if (step instanceof Integer index) {
        path.into(index);
        at = at == null ? null : at.items();
      } else {
        path.into(step.toString());
        at = at == null ? null : at.at(step.toString());
      }
    }
    String keyword = error.getKeyword();
    if (keyword.equals("required")) {
      Shape missing = at == null ? null : at.at(error.getProperty());
      String expected = missing == null ? null : missing.expected();
      return new RejectedException(
          E_SCHEMA,
          "missing" + (expected == null ? "" : ": expected " + expected),
          path.child(error.getProperty()));
    }
    if (keyword.equals("additionalProperties") && error.getProperty() != null) {
      return unknownField(error.getProperty(), at == null ? List.of() : at.names(), path);
    }
    String expected =
        at != null && at.expected() != null ? at.expected() : expected(keyword, error);
    JsonNode got = error.getInstanceNode();
    String shown = got == null || got.isContainerNode() ? "" : ", got " + shown(got);
    return new RejectedException(E_SCHEMA, "expected " + expected + shown, path.toString());
  }

  private static String shown(JsonNode got) {
    return got.isTextual() ? Printable.quoted(got.textValue()) : Printable.plain(got.toString());
  }

  private static String expected(String keyword, Error error) {
    JsonNode bound = error.getSchemaNode();
    return switch (keyword) {
      case "type" -> bound.isArray() ? alternatives(bound) : bound.asText();
      case "enum" -> "one of " + alternatives(bound);
      case "const" -> CanonicalJson.of(bound);
      case "minimum" -> "at least " + bound;
      case "maximum" -> "at most " + bound;
      case "exclusiveMinimum" -> "more than " + bound;
      case "exclusiveMaximum" -> "less than " + bound;
      case "minLength" -> "at least " + bound + " characters";
      case "maxLength" -> "at most " + bound + " characters";
      case "minItems" -> "at least " + bound + " elements";
      case "maxItems" -> "at most " + bound + " elements";
      case "pattern" -> "text matching " + bound.asText();
      default -> "another value (it " + Printable.plain(error.getMessage()) + ")";
    };
  }

  private static String alternatives(JsonNode values) {
    return values.valueStream().map(JsonNode::asText).collect(Collectors.joining(", "));
  }

  /* What a definition itself must keep to. */

  private void checkDefaults(JsonNode schemaNode, String at) {
    if (schemaNode instanceof ObjectNode object) {
      JsonNode value = object.get("default");
      if (value != null && !object.has("$ref")) {
        JsonNode completed = value.deepCopy();
        complete(completed, Shape.compile(object.deepCopy()), new FieldPath(at));
        for (Error error : SCHEMAS.getSchema(object).validate(completed)) {
          throw new IllegalArgumentException(
              at + "/default does not fit its own schema: " + error.getMessage());
        }
      }
      if (object.get("properties") instanceof ObjectNode properties) {
        for (Map.Entry<String, JsonNode> field : properties.properties()) {
          checkDefaults(field.getValue(), at + "/properties/" + field.getKey());
        }
      }
      if (object.has("items")) {
        checkDefaults(object.get("items"), at + "/items");
      }
    }
  }
}
