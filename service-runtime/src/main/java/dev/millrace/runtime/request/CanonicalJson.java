package dev.millrace.runtime.request;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// The one spelling of a JSON value, after RFC 8785: no white space, fields in order of their
/// UTF-16 code units, numbers as ECMAScript writes doubles, strings with the fewest escapes.
public final class CanonicalJson {

  private static final String HEX = "0123456789abcdef";

  /// From here on ECMAScript writes exponents.
  private static final int MOST_DIGITS = 21;

  private CanonicalJson() {}

  /// The canonical text of `value`.
  ///
  /// @throws IllegalArgumentException when it holds what has no canonical form: NaN, an infinity,
  ///   an unpaired surrogate, a node that is not JSON
  public static String of(JsonNode value) {
    var out = new StringBuilder(256);
    write(value, out);
    return out.toString();
  }

  /// The value that the canonical text of an object stands for, with its fields in canonical order.
  public static ObjectNode parse(String canonical) {
    return StrictJson.parse(canonical.getBytes(StandardCharsets.UTF_8));
  }

  private static void write(JsonNode value, StringBuilder out) {
    switch (value.getNodeType()) {
      case OBJECT -> object(value, out);
      case ARRAY -> array(value, out);
      case STRING -> string(value.textValue(), out);
      case NUMBER -> number(value, out);
      case BOOLEAN -> out.append(value.booleanValue());
      case NULL -> out.append("null");
      case MISSING, BINARY, POJO ->
          throw new IllegalArgumentException("not a JSON value: " + value.getNodeType());
    }
  }

  private static void object(JsonNode object, StringBuilder out) {
    var names = new String[object.size()];
    int count = 0;
    for (var each = object.fieldNames(); each.hasNext(); ) {
      names[count++] = each.next();
    }
    Arrays.sort(names);
    char separator = '{';
    for (String name : names) {
      out.append(separator);
      string(name, out);
      out.append(':');
      write(object.get(name), out);
      separator = ',';
    }
    out.append(count == 0 ? "{}" : "}");
  }

  private static void array(JsonNode array, StringBuilder out) {
    out.append('[');
    for (int i = 0; i < array.size(); i++) {
      if (i > 0) {
        out.append(',');
      }
      write(array.get(i), out);
    }
    out.append(']');
  }

  private static void string(String text, StringBuilder out) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"', '\\' -> out.append('\\').append(c);
        case '\b' -> out.append("\\b");
        case '\t' -> out.append("\\t");
        case '\n' -> out.append("\\n");
        case '\f' -> out.append("\\f");
        case '\r' -> out.append("\\r");
        default -> {
          if (c < 0x20) {
            out.append("\\u00").append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 15));
          } else if (Character.isSurrogate(c)) {
            i = pair(text, i, out);
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }

  private static int pair(String text, int high, StringBuilder out) {
    int low = high + 1;
    if (low == text.length() || !Character.isSurrogatePair(text.charAt(high), text.charAt(low))) {
      throw new IllegalArgumentException("an unpaired surrogate has no canonical form");
    }
    out.append(text, high, low + 1);
    return low;
  }

  private static void number(JsonNode value, StringBuilder out) {
    if (value.isInt()) {
      out.append(value.intValue());
    } else {
      number(value.doubleValue(), out);
    }
  }

  /// Writes a double as ECMAScript's `Number::toString` does.
  static void number(double value, StringBuilder out) {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException(value + " has no canonical form");
    }
    if (value == Math.rint(value) && Math.abs(value) <= StrictJson.MAX_SAFE) {
      out.append((long) value);
      return;
    }
    if (value < 0) {
      out.append('-');
    }
    Shortest.of(Math.abs(value)).write(out);
  }

  /// The shortest decimal that reads back as the same double: 0.`digits` × 10^`point`.
  private record Shortest(String digits, int point) {

    static Shortest of(double value) {
      String text = Double.toString(value);
      int exponentAt = text.indexOf('E');
      int end = exponentAt < 0 ? text.length() : exponentAt;
      int dot = text.indexOf('.');
      int exponent = exponentAt < 0 ? 0 : Integer.parseInt(text, exponentAt + 1, text.length(), 10);

      String digits = text.substring(0, dot) + text.substring(dot + 1, end);
      int from = 0;
      while (digits.charAt(from) == '0') {
        from++;
      }
      int to = digits.length();
      while (digits.charAt(to - 1) == '0') {
        to--;
      }
      var shortest = new Shortest(digits.substring(from, to), dot - from + exponent);
      return shortest.digits.length() == 2 ? shortest.orOneDigit(value) : shortest;
    }

    /// `Double.toString` prefers the nearest two digits to a single one: `4.9E-324`, where
    /// ECMAScript writes `5e-324`.
    private Shortest orOneDigit(double value) {
      int tens = digits.charAt(0) - '0';
      boolean upFirst = digits.charAt(1) >= '5';
      for (int digit : upFirst ? new int[] {tens + 1, tens} : new int[] {tens, tens + 1}) {
        var one = digit == 10 ? new Shortest("1", point + 1) : new Shortest("" + digit, point);
        if (Double.parseDouble("0." + one.digits + "E" + one.point) == value) {
          return one;
        }
      }
      return this;
    }

    void write(StringBuilder out) {
      int count = digits.length();
      if (point > MOST_DIGITS || point < -5) {
        out.append(digits.charAt(0));
        if (count > 1) {
          out.append('.').append(digits, 1, count);
        }
        out.append(point > 0 ? "e+" : "e").append(point - 1);
      } else if (point <= 0) {
        out.append("0.").repeat('0', -point).append(digits);
      } else if (count <= point) {
        out.append(digits).repeat('0', point - count);
      } else {
        out.append(digits, 0, point).append('.').append(digits, point, count);
      }
    }
  }
}
