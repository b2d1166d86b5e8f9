package dev.millrace.publisher.http;

import dev.millrace.contracts.Sha256;
import org.jspecify.annotations.Nullable;

/// Entity tags: made of the bytes, compared as `If-None-Match` wants it.
final class Etag {

  private static final int DIGITS = 32;

  private Etag() {}

  static String of(byte[] bytes) {
    return quoted(Sha256.hex(bytes).substring(0, DIGITS));
  }

  static String quoted(String value) {
    return '"' + value + '"';
  }

  /// Whether one of the tags in `header` is `etag`, whatever its strength and the encoding it was
  /// sent in.
  static boolean matches(@Nullable String header, String etag) {
    if (header == null) {
      return false;
    }
    for (String candidate : header.split(",", -1)) {
      var tag = candidate.strip();
      if (tag.equals("*") || plain(tag).equals(etag)) {
        return true;
      }
    }
    return false;
  }

  private static String plain(String tag) {
    var strong = tag.startsWith("W/") ? tag.substring(2) : tag;
    int suffix = strong.lastIndexOf("--");
    return suffix > 0 && strong.endsWith("\"") ? strong.substring(0, suffix) + '"' : strong;
  }
}
