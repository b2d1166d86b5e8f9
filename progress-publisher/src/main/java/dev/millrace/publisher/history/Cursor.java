package dev.millrace.publisher.history;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Where a page ends: the key of its last row. Outside it is opaque and signed together with the
/// filter it belongs to, so that it goes on in the same list or not at all.
public record Cursor(Instant createdAt, long id) {

  private static final String ALGORITHM = "HmacSHA256";
  private static final int KEY_BYTES = 2 * Long.BYTES;
  private static final int SIGNATURE_BYTES = 16;

  public String encode(HistoryFilter filter, byte[] secret) {
    byte[] key =
        ByteBuffer.allocate(KEY_BYTES)
            .putLong(ChronoUnit.MICROS.between(Instant.EPOCH, createdAt))
            .putLong(id)
            .array();
    byte[] all = Arrays.copyOf(key, KEY_BYTES + SIGNATURE_BYTES);
    System.arraycopy(sign(key, filter, secret), 0, all, KEY_BYTES, SIGNATURE_BYTES);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(all);
  }

  /// The cursor in `text`, or empty when we did not give it out for this filter.
  public static Optional<Cursor> decode(String text, HistoryFilter filter, byte[] secret) {
    byte[] all;
    try {
      all = Base64.getUrlDecoder().decode(text);
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
    if (all.length != KEY_BYTES + SIGNATURE_BYTES) {
      return Optional.empty();
    }
    byte[] key = Arrays.copyOf(all, KEY_BYTES);
    byte[] signature = Arrays.copyOfRange(all, KEY_BYTES, all.length);
    if (!MessageDigest.isEqual(signature, sign(key, filter, secret))) {
      return Optional.empty();
    }
    var buffer = ByteBuffer.wrap(key);
    return Optional.of(
        new Cursor(Instant.EPOCH.plus(buffer.getLong(), ChronoUnit.MICROS), buffer.getLong()));
  }

  private static byte[] sign(byte[] key, HistoryFilter filter, byte[] secret) {
    try {
      var mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(secret, ALGORITHM));
      mac.update(key);
      return Arrays.copyOf(
          mac.doFinal(filter.toString().getBytes(StandardCharsets.UTF_8)), SIGNATURE_BYTES);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + ALGORITHM, e);
    }
  }
}
