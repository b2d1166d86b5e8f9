package dev.millrace.runtime.request;

import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.Scope;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Function;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// Turns a key recipe into the request hash: SHA-256, or HMAC-SHA256 for a private request of an
/// organization that has a key, so that nobody without the key can test a guess of what was asked.
public final class RequestHasher {

  /// Hashes everything without a key.
  public static final RequestHasher KEYLESS = new RequestHasher(_ -> Optional.empty());

  private static final String HMAC = "HmacSHA256";

  private final Function<String, Optional<byte[]>> keys;

  /// @param keys the HMAC key of an organization, when it has one
  public RequestHasher(Function<String, Optional<byte[]>> keys) {
    this.keys = keys;
  }

  public RequestHash hash(KeyRecipe recipe, Scope scope, @Nullable String organizationId) {
    byte[] text = recipe.text().getBytes(StandardCharsets.UTF_8);
    Optional<byte[]> key =
        scope == Scope.PRIVATE && organizationId != null
            ? keys.apply(organizationId)
            : Optional.empty();
    try {
      byte[] digest =
          key.isPresent()
              ? authenticated(key.get(), text)
              : MessageDigest.getInstance("SHA-256").digest(text);
      return new RequestHash(HexFormat.of().formatHex(digest));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no SHA-256", e);
    }
  }

  private static byte[] authenticated(byte[] key, byte[] text) throws GeneralSecurityException {
    Mac mac = Mac.getInstance(HMAC);
    mac.init(new SecretKeySpec(key, HMAC));
    return mac.doFinal(text);
  }
}
