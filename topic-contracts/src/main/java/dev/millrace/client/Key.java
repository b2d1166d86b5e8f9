package dev.millrace.client;

import dev.millrace.contracts.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HexFormat;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The key of a value within a namespace: a kind, then ids, then named parts in the order of their
/// names. Whoever builds it from the same parts, in whatever order, gets the same text, and from
/// other parts another one.
///
/// ```
/// Key.of("user", "usr_7")                                          user:usr_7
/// Key.of("platformMetrics").with("start", june).with("end", july)  platformMetrics:end..2026-07-01:start..2026-06-01
/// ```
///
/// How long a value is kept is decided by its kind, unless it says so itself. A key can be seen by
/// whoever may see topics: use ids, not names or addresses of people.
public final class Key {

  /* The server takes [A-Za-z0-9._:-]{1,128}. Colons stand between parts, and a dot begins an escape:
  whatever else a part holds is written `.` and two hex digits for each byte of its UTF-8. So `..`
  can only stand behind the name of a named part, and `::` only before the digest of what would be
  too long: nothing else can come out the same. */

  private static final Pattern KEY = Pattern.compile("[A-Za-z0-9._:-]{1,128}");
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,62}");
  private static final HexFormat HEX = HexFormat.of().withUpperCase();
  private static final int LONGEST = 128;
  private static final int LONGEST_NAME = 62;

  private final String kind;
  private final String ids;
  private final SortedMap<String, String> named;

  private Key(String kind, String ids, SortedMap<String, String> named) {
    this.kind = kind;
    this.ids = ids;
    this.named = named;
  }

  /// The key of one thing of a kind.
  ///
  /// @param kind 1 to 62 of A-Z, a-z, 0-9, _ and -
  /// @param ids what it is the value of; not empty, any characters
  public static Key of(String kind, Object... ids) {
    var text = new StringBuilder(name(kind));
    for (var id : ids) {
      if (id.toString().isEmpty()) {
        throw new IllegalArgumentException("an id of a key of " + kind + " is empty");
      }
      text.append(':').append(escaped(id.toString()));
    }
    return new Key(kind, text.toString(), Collections.emptySortedMap());
  }

  /// A key made elsewhere.
  ///
  /// @throws IllegalArgumentException when it is not 1 to 128 of A-Z, a-z, 0-9 and . _ : -
  public static Key raw(String text) {
    if (!KEY.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "not a key: expected 1 to 128 of A-Z, a-z, 0-9 and . _ : -, got " + text);
    }
    var kind = text.split(":", 2)[0];
    return new Key(
        kind.substring(0, Math.min(kind.length(), LONGEST_NAME)),
        text,
        Collections.emptySortedMap());
  }

  /// This key with one named part more.
  ///
  /// @param name as a kind
  /// @param value anything that says all it is by its `toString`, such as an id, a number or a date
  /// @throws IllegalArgumentException when there is a part of this name already
  public Key with(String name, Object value) {
    var more = new TreeMap<>(named);
    if (more.put(name(name), escaped(value.toString())) != null) {
      throw new IllegalArgumentException("a key has one part " + name);
    }
    return new Key(kind, ids, more);
  }

  /// The key as it is sent. What is longer than 128 becomes `kind::` and its SHA-256.
  @Override
  public String toString() {
    var text = new StringBuilder(ids);
    named.forEach((name, value) -> text.append(':').append(name).append("..").append(value));
    return text.length() <= LONGEST ? text.toString() : kind + "::" + Sha256.hex(text.toString());
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Key key && key.toString().equals(toString());
  }

  @Override
  public int hashCode() {
    return toString().hashCode();
  }

  private static String name(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException("expected 1 to 62 of A-Z, a-z, 0-9, _ and -, got " + name);
    }
    return name;
  }

  private static String escaped(String part) {
    var text = new StringBuilder();
    for (byte b : part.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xff);
      if (isPlain(c)) {
        text.append(c);
      } else {
        text.append('.').append(HEX.toHexDigits(b));
      }
    }
    return text.toString();
  }

  private static boolean isPlain(char c) {
    return (c >= 'A' && c <= 'Z')
        || (c >= 'a' && c <= 'z')
        || (c >= '0' && c <= '9')
        || c == '_'
        || c == '-';
  }
}
