package dev.millrace.contracts;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// Where a value of the key/value cache is found: a key within a namespace. Both are identifiers,
/// so `namespace/key` names one value only.
public record ValueKey(String namespace, String key) {

  /// The key written `namespace/key`.
  ///
  /// @throws IllegalArgumentException when there is no slash
  public static ValueKey of(String text) {
    int slash = text.indexOf('/');
    if (slash < 0) {
      throw new IllegalArgumentException("expected namespace/key, got " + text);
    }
    return new ValueKey(text.substring(0, slash), text.substring(slash + 1));
  }

  /// The partition that keeps the value: the first 8 hex digits of the SHA-256 of `namespace/key`,
  /// unsigned, mod `partitions`.
  public int partition(int partitions) {
    var hash = ByteBuffer.wrap(Sha256.of(toString().getBytes(StandardCharsets.UTF_8)));
    return (int) (Integer.toUnsignedLong(hash.getInt()) % partitions);
  }

  @Override
  public String toString() {
    return namespace + "/" + key;
  }
}
