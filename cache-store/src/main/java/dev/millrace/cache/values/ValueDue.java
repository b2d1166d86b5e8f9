package dev.millrace.cache.values;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.apache.kafka.common.utils.Bytes;

/// Something to forget at a time: a row's key, ordered by kind and time.
///
/// @param subject of a value its `namespace/key`, of a command the key of its reply
record ValueDue(Kind kind, Instant at, String subject) {

  enum Kind {
    /// A value expires. There is one row for each value that does, at its very time.
    VALUE('v'),
    /// A command's dedupe window ends.
    COMMAND('c');

    private final byte code;

    Kind(char code) {
      this.code = (byte) code;
    }
  }

  Bytes key() {
    var text = subject.getBytes(StandardCharsets.UTF_8);
    return Bytes.wrap(
        ByteBuffer.allocate(9 + text.length)
            .put(kind.code)
            .putLong(at.toEpochMilli())
            .put(text)
            .array());
  }

  static ValueDue of(Kind kind, Bytes key) {
    var bytes = ByteBuffer.wrap(key.get(), 1, key.get().length - 1);
    var at = Instant.ofEpochMilli(bytes.getLong());
    return new ValueDue(kind, at, StandardCharsets.UTF_8.decode(bytes).toString());
  }

  /// The first possible key of a kind.
  static Bytes from(Kind kind) {
    return Bytes.wrap(new byte[] {kind.code});
  }

  /// Past every key of a kind that is due at `now`.
  static Bytes until(Kind kind, Instant now) {
    return Bytes.wrap(
        ByteBuffer.allocate(9).put(kind.code).putLong(now.toEpochMilli() + 1).array());
  }
}
