package dev.millrace.contracts;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/// The identity of what is asked, without anything about who asks: SHA-256 as 64 lower-case hex
/// digits.
public record RequestHash(@JsonValue String hex) {

  public RequestHash {
    if (!isHash(hex)) {
      throw new IllegalArgumentException("a request hash has 64 lower-case hex digits: " + hex);
    }
  }

  @JsonCreator
  public static RequestHash of(String hex) {
    return new RequestHash(hex);
  }

  /// The partition of this hash on every topic keyed by hash: its first 8 hex digits, unsigned, mod
  /// `partitions`.
  public int partition(int partitions) {
    return (int) (Long.parseLong(hex, 0, 8, 16) % partitions);
  }

  /// The first 16 digits, as they stand in a [JobId].
  public String prefix() {
    return hex.substring(0, 16);
  }

  private static boolean isHash(String text) {
    if (text.length() != 64) {
      return false;
    }
    for (int i = 0; i < 64; i++) {
      char c = text.charAt(i);
      boolean hexDigit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
      if (!hexDigit) {
        return false;
      }
    }
    return true;
  }

  @Override
  public String toString() {
    return hex;
  }
}
