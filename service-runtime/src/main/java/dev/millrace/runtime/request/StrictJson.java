package dev.millrace.runtime.request;

import static dev.millrace.contracts.RejectionCode.E_DEPTH;
import static dev.millrace.contracts.RejectionCode.E_DUPKEY;
import static dev.millrace.contracts.RejectionCode.E_EMPTY;
import static dev.millrace.contracts.RejectionCode.E_ENCODING;
import static dev.millrace.contracts.RejectionCode.E_JSON;
import static dev.millrace.contracts.RejectionCode.E_NOT_OBJECT;
import static dev.millrace.contracts.RejectionCode.E_NUMBER;
import static dev.millrace.contracts.RejectionCode.E_SIZE;
import static dev.millrace.contracts.RejectionCode.E_STRING;
import static dev.millrace.contracts.RejectionCode.E_TOKENS;
import static dev.millrace.contracts.RejectionCode.E_TRAILING;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.millrace.contracts.RejectionCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Reads a JSON object from foreign bytes, so strictly that two different values can never be taken
/// for one, and with limits on everything that costs time or memory.
public final class StrictJson {

  /*
   * Decoding comes first and on its own: a lenient UTF-8 decoder inside a JSON parser would read
   * overlong forms and other encodings, and different bytes would become one text. The tree is then
   * built here from the parser's tokens in one pass, with all limits checked as they come, so each
   * has its own code and place; the parser's own limits are off, since the input is already bounded.
   *
   * Numbers are IEEE doubles from the start and never BigDecimal: parsing 1e30000000 is then cheap,
   * and 1, 1.0 and 1e0 are the same node. Whole numbers a double holds exactly become IntNode or
   * LongNode, all others DoubleNode.
   */

  public static final int MAX_BYTES = 256 * 1024;
  public static final int MAX_DEPTH = 32;
  public static final int MAX_TOKENS = 20_000;
  public static final int MAX_STRING = 64 * 1024;
  public static final int MAX_NAME = 128;
  public static final int MAX_NUMBER = 40;

  /// The largest whole number that a double and its neighbours tell apart: 2^53 − 1.
  public static final long MAX_SAFE = (1L << 53) - 1;

  private static final int ALWAYS_LONG = 15;

  private static final JsonFactory PARSERS =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(Integer.MAX_VALUE)
                  .maxNumberLength(Integer.MAX_VALUE)
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNameLength(Integer.MAX_VALUE)
                  .build())
          .build();

  private final JsonParser parser;
  private int tokens;

  private StrictJson(JsonParser parser) {
    this.parser = parser;
  }

  /// The object that `value` holds.
  ///
  /// @throws RejectedException when it holds anything else, or breaks a limit
  public static ObjectNode parse(byte @Nullable [] value) {
    if (value == null || value.length == 0) {
      throw new RejectedException(E_EMPTY, "the value is empty: expected a JSON object", "");
    }
    if (value.length > MAX_BYTES) {
      throw new RejectedException(
          E_SIZE, "the value has " + value.length + " bytes: at most " + MAX_BYTES, "");
    }
    CharBuffer text = decode(value);
    try (JsonParser parser =
        PARSERS.createParser(text.array(), text.arrayOffset(), text.remaining())) {
      return new StrictJson(parser).document();
    } catch (IOException e) {
      throw new UncheckedIOException("reading from memory failed", e);
    }
  }

  private static CharBuffer decode(byte[] value) {
    if (value.length >= 3
        && value[0] == (byte) 0xEF
        && value[1] == (byte) 0xBB
        && value[2] == (byte) 0xBF) {
      throw encoding("begins with a byte order mark", 0);
    }
    for (int i = 0; i < value.length; i++) {
      if (value[i] == 0) {
        throw encoding("has a zero byte", i);
      }
    }
    ByteBuffer bytes = ByteBuffer.wrap(value);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes);
    } catch (CharacterCodingException e) {
      throw encoding("is not UTF-8", bytes.position());
    }
  }

  private static RejectedException encoding(String what, int position) {
    return new RejectedException(
        E_ENCODING,
        "the value " + what + " at byte " + position + ": expected UTF-8 without byte order mark",
        "");
  }

  private ObjectNode document() throws IOException {
    JsonNode root;
    try {
      JsonToken first = next();
      root = first == null ? NullNode.instance : value(first, 0);
    } catch (JsonProcessingException e) {
      String reason = reason(e);
      // The parser itself refuses unpaired surrogates, but in field names only.
      throw refuse(reason.contains("surrogate") ? E_STRING : E_JSON, "not JSON: " + reason);
    }
    if (!root.isObject()) {
      throw new RejectedException(
          E_NOT_OBJECT, "expected a JSON object, got " + kind(root, tokens), "");
    }
    if (hasMore()) {
      throw new RejectedException(E_TRAILING, "something follows the JSON object", "");
    }
    return (ObjectNode) root;
  }

  private boolean hasMore() throws IOException {
    try {
      return parser.nextToken() != null;
    } catch (JsonProcessingException _) {
      return true;
    }
  }

  private @Nullable JsonToken next() throws IOException {
    JsonToken token = parser.nextToken();
    if (token != null && ++tokens > MAX_TOKENS) {
      throw refuse(E_TOKENS, "more than " + MAX_TOKENS + " JSON tokens");
    }
    return token;
  }

  private JsonNode value(@Nullable JsonToken token, int depth) throws IOException {
    return switch (token) {
      case START_OBJECT -> object(deeper(depth));
      case START_ARRAY -> array(deeper(depth));
      case VALUE_STRING -> TextNode.valueOf(string());
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number();
      case VALUE_TRUE -> BooleanNode.TRUE;
      case VALUE_FALSE -> BooleanNode.FALSE;
      case VALUE_NULL -> NullNode.instance;
      case null, default -> throw refuse(E_JSON, "not JSON: it ends too early");
    };
  }

  private int deeper(int depth) {
    if (depth == MAX_DEPTH) {
      throw refuse(E_DEPTH, "nested deeper than " + MAX_DEPTH);
    }
    return depth + 1;
  }

  private ObjectNode object(int depth) throws IOException {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    JsonToken token;
    while ((token = next()) == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      if (name.length() > MAX_NAME) {
        throw refuse(E_SIZE, "a field name has " + name.length() + " characters: at most 128");
      }
      checkText(name);
      JsonNode value = value(next(), depth);
      if (object.replace(name, value) != null) {
        throw refuse(E_DUPKEY, "the field stands twice in one object");
      }
    }
    if (token != JsonToken.END_OBJECT) {
      throw refuse(E_JSON, "not JSON: it ends too early");
    }
    return object;
  }

  private ArrayNode array(int depth) throws IOException {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    JsonToken token;
    while ((token = next()) != JsonToken.END_ARRAY) {
      array.add(value(token, depth));
    }
    return array;
  }

  private String string() throws IOException {
    int length = parser.getTextLength();
    if (length > MAX_STRING) {
      throw refuse(E_SIZE, "a string has " + length + " characters: at most " + MAX_STRING);
    }
    String text = parser.getText();
    checkText(text);
    return text;
  }

  private void checkText(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == 0) {
        throw refuse(E_STRING, "a string holds U+0000");
      }
      if (Character.isSurrogate(c)) {
        boolean paired =
            Character.isHighSurrogate(c)
                && i + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(i + 1));
        if (!paired) {
          throw refuse(E_STRING, "a string holds an unpaired surrogate");
        }
        i++;
      }
    }
  }

  private JsonNode number() throws IOException {
    int length = parser.getTextLength();
    if (length > MAX_NUMBER) {
      throw refuse(
          E_NUMBER,
          "a number has "
              + length
              + " characters: at most "
              + MAX_NUMBER
              + ", send it as a string");
    }
    String text = parser.getText();
    if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT && length <= ALWAYS_LONG) {
      return whole(Long.parseLong(text));
    }
    double number = Double.parseDouble(text);
    if (Double.isInfinite(number)) {
      throw refuse(E_NUMBER, "the number is too large for a double: send it as a string");
    }
    if (number == 0 && !isZero(text)) {
      throw refuse(E_NUMBER, "the number is too small for a double: send it as a string");
    }
    return node(number);
  }

  /// The one node for a finite number: whole where a double holds it exactly, and no negative zero.
  static JsonNode node(double number) {
    return number == Math.rint(number) && Math.abs(number) <= MAX_SAFE
        ? whole((long) number)
        : DoubleNode.valueOf(number);
  }

  private static JsonNode whole(long number) {
    return number == (int) number ? IntNode.valueOf((int) number) : LongNode.valueOf(number);
  }

  private static boolean isZero(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == 'e' || c == 'E') {
        break;
      }
      if (c >= '1' && c <= '9') {
        return false;
      }
    }
    return true;
  }

  private static String kind(JsonNode root, int tokens) {
    return tokens == 0 ? "only white space" : root.getNodeType().name().toLowerCase(Locale.ROOT);
  }

  private static String reason(JsonProcessingException e) {
    var location = e.getLocation();
    String where =
        location == null
            ? ""
            : " (line " + location.getLineNr() + ", column " + location.getColumnNr() + ")";
    return Printable.plain(String.valueOf(e.getOriginalMessage())) + where;
  }

  private RejectedException refuse(RejectionCode code, String message) {
    var path = new FieldPath("");
    follow(parser.getParsingContext(), path);
    return new RejectedException(code, message, path.toString());
  }

  private static void follow(@Nullable JsonStreamContext context, FieldPath path) {
    if (context == null) {
      return;
    }
    // At most MAX_DEPTH levels, since deeper ones are refused before they are entered.
    follow(context.getParent(), path);
    if (context.inObject() && context.hasCurrentName()) {
      path.into(context.getCurrentName());
    } else if (context.inArray() && context.hasCurrentIndex()) {
      path.into(context.getCurrentIndex());
    }
  }
}
