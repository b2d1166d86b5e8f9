package dev.millrace.audit;

import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// The first 128 bits of a SHA-256: any identifier, however long, in little room.
record Id(long high, long low) {

  private static final int HEX_DIGITS = 32;

  static Id of(String text) {
    return of(text.getBytes(StandardCharsets.UTF_8));
  }

  static Id of(byte[] bytes) {
    var digest = ByteBuffer.wrap(Sha256.of(bytes));
    return new Id(digest.getLong(), digest.getLong());
  }

  static Id of(RequestHash hash) {
    return ofHex(hash.hex());
  }

  /// Of a SHA-256 that is already computed, as hex.
  static Id ofHex(String sha256) {
    if (sha256.length() < HEX_DIGITS) {
      return of(sha256);
    }
    try {
      return new Id(
          Long.parseUnsignedLong(sha256, 0, HEX_DIGITS / 2, 16),
          Long.parseUnsignedLong(sha256, HEX_DIGITS / 2, HEX_DIGITS, 16));
    } catch (NumberFormatException _) {
      return of(sha256);
    }
  }

  /// Who asked, by the name the caller gave.
  static Id caller(@Nullable String organizationId, String requestId) {
    return of((organizationId == null ? "-" : organizationId) + '\n' + requestId);
  }

  /// The identity of a request.
  static Id request(@Nullable String organizationId, String requestId, RequestHash hash) {
    return of(
        (organizationId == null ? "-" : organizationId) + '\n' + requestId + '\n' + hash.hex());
  }
}
