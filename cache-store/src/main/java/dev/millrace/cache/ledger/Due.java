package dev.millrace.cache.ledger;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.apache.kafka.common.utils.Bytes;

/// Something to look at again at a time: a key of the store `due`, ordered by kind and time. A row
/// that no longer fits the entry is simply ignored when its time comes.
///
/// @param subject the request hash, or what else the kind is about
/// @param detail tells two rows of one time apart, and carries what the kind needs
record Due(Kind kind, Instant at, String subject, String detail) {

  /// In the order in which they are looked at.
  enum Kind {
    /// An answer's TTL passes, and the time in which it is still given as stale.
    ANSWER('a'),
    /// How long an answer was good is no longer remembered.
    LIFETIME('l'),
    /// A waiter's deadline passes; detail: cohort and number.
    DEADLINE('d'),
    /// A queued job may have lost its lane record; detail: epoch and next wait, ms.
    QUEUED('q'),
    /// A backoff is over; detail: epoch.
    BACKOFF('b'),
    /// A request's dedupe window ends; subject: the row's key.
    REQUEST('r'),
    /// A receipt is to be given; subject: the command id.
    RECEIPT('i'),
    /// A command's dedupe window ends, and its receipt is forgotten; subject: the command id.
    COMMAND('c');

    private final byte code;

    Kind(char code) {
      this.code = (byte) code;
    }

    private static Kind of(byte code) {
      for (var kind : values()) {
        if (kind.code == code) {
          return kind;
        }
      }
      throw new IllegalArgumentException("no kind of due row has the code " + code);
    }
  }

  Bytes key() {
    var subjectBytes = subject.getBytes(StandardCharsets.UTF_8);
    var detailBytes = detail.getBytes(StandardCharsets.UTF_8);
    var buffer = ByteBuffer.allocate(1 + 8 + 2 + subjectBytes.length + detailBytes.length);
    buffer.put(kind.code).putLong(at.toEpochMilli());
    buffer.putShort((short) subjectBytes.length).put(subjectBytes).put(detailBytes);
    return Bytes.wrap(buffer.array());
  }

  static Due of(Bytes key) {
    var buffer = ByteBuffer.wrap(key.get());
    var kind = Kind.of(buffer.get());
    var at = Instant.ofEpochMilli(buffer.getLong());
    var subject = new byte[buffer.getShort()];
    buffer.get(subject);
    var detail = new byte[buffer.remaining()];
    buffer.get(detail);
    return new Due(
        kind,
        at,
        new String(subject, StandardCharsets.UTF_8),
        new String(detail, StandardCharsets.UTF_8));
  }

  /// The first possible key of a kind.
  static Bytes from(Kind kind) {
    return Bytes.wrap(new byte[] {kind.code});
  }

  /// Past every key of a kind.
  static Bytes behind(Kind kind) {
    return Bytes.wrap(new byte[] {(byte) (kind.code + 1)});
  }
}
