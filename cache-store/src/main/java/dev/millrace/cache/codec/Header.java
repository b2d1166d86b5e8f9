package dev.millrace.cache.codec;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// What stands before a payload, and says how to read it. JSON begins with none of its first bytes,
/// so that a row without one is JSON as it is.
///
/// ```
/// 1 byte    version of this format: 1
/// 4 bytes   id of the zstd dictionary; 0: none
/// 1 byte    length of the next field
/// n bytes   id of the encryption key in ASCII; empty: not encrypted
/// ```
record Header(int dictionary, String key) {

  static final byte VERSION = 1;

  /// JSON's white space is the lowest it can begin with.
  private static final byte LOWEST_OF_JSON = '\t';

  private static final int FIXED_BYTES = 6;

  static boolean begins(byte[] row) {
    return row.length > 0 && row[0] >= 0 && row[0] < LOWEST_OF_JSON;
  }

  /// @throws UnreadableException when this is no header of this version
  static Header read(ByteBuffer row) throws UnreadableException {
    try {
      if (row.get() != VERSION) {
        throw new UnreadableException(UnreadableException.Reason.VERSION);
      }
      int dictionary = row.getInt();
      var key = new byte[Byte.toUnsignedInt(row.get())];
      row.get(key);
      return new Header(dictionary, new String(key, StandardCharsets.US_ASCII));
    } catch (BufferUnderflowException e) {
      throw new UnreadableException(UnreadableException.Reason.DAMAGED, e);
    }
  }

  byte[] bytes() {
    var id = key.getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocate(FIXED_BYTES + id.length)
        .put(VERSION)
        .putInt(dictionary)
        .put((byte) id.length)
        .put(id)
        .array();
  }
}
