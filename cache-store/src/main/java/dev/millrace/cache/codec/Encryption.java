package dev.millrace.cache.codec;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;

/// AES in Galois/Counter Mode: a nonce of 12 bytes, what is encrypted, a tag of 16 bytes. The tag
/// also covers what says whose it is (`context`), which is not stored.
final class Encryption {

  private static final String CIPHER = "AES/GCM/NoPadding";
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;

  /// Not the randomness of `Resources`, which a test may repeat: two results under one key and one
  /// nonce give each other away.
  private static final SecureRandom NONCES = new SecureRandom();

  private Encryption() {}

  static byte[] encrypt(SecretKey key, byte[] context, byte[] plain) {
    var nonce = new byte[NONCE_BYTES];
    NONCES.nextBytes(nonce);
    try {
      var cipher = cipher(Cipher.ENCRYPT_MODE, key, context, nonce);
      return ByteBuffer.allocate(NONCE_BYTES + cipher.getOutputSize(plain.length))
          .put(nonce)
          .put(cipher.doFinal(plain))
          .array();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has " + CIPHER, e);
    }
  }

  static byte[] decrypt(SecretKey key, byte[] context, byte[] sealed) throws UnreadableException {
    if (sealed.length < NONCE_BYTES) {
      throw new UnreadableException(UnreadableException.Reason.DAMAGED);
    }
    var nonce = new byte[NONCE_BYTES];
    System.arraycopy(sealed, 0, nonce, 0, NONCE_BYTES);
    try {
      return cipher(Cipher.DECRYPT_MODE, key, context, nonce)
          .doFinal(sealed, NONCE_BYTES, sealed.length - NONCE_BYTES);
    } catch (AEADBadTagException e) {
      throw new UnreadableException(UnreadableException.Reason.DAMAGED, e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has " + CIPHER, e);
    }
  }

  private static Cipher cipher(int mode, SecretKey key, byte[] context, byte[] nonce)
      throws GeneralSecurityException {
    var cipher = Cipher.getInstance(CIPHER);
    cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
    cipher.updateAAD(context);
    return cipher;
  }
}
