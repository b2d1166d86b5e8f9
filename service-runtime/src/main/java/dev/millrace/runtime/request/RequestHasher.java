package dev.millrace.runtime.request;

import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.Scope;
import dev.millrace.contracts.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Function;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;

/// Turns a key recipe into the request hash: SHA-256, or HMAC-SHA-256 (RFC 2104) for a private
/// request of an organization that has a key, so that nobody without the key can test a guess of
/// what was asked, or tell that two asked the same.
public final class RequestHasher {

  /// What a key is used with.
  public static final String HMAC = "HmacSHA256";

  /// Hashes everything without a key.
  public static final RequestHasher KEYLESS = new RequestHasher(_ -> Optional.empty());

  private final Function<String, Optional<SecretKey>> keys;

  /// @param keys the HMAC key of an organization, when it has one
  public RequestHasher(Function<String, Optional<SecretKey>> keys) {
    this.keys = keys;
  }

  public RequestHash hash(KeyRecipe recipe, Scope scope, @Nullable String organizationId) {
    byte[] text = recipe.text().getBytes(StandardCharsets.UTF_8);
    byte[] digest =
        key(scope, organizationId)
            .map(key -> authenticated(key, text))
            .orElseGet(() -> Sha256.of(text));
    return new RequestHash(HexFormat.of().formatHex(digest));
  }

  /// Whether such requests are hashed under a key.
  public boolean keyed(Scope scope, @Nullable String organizationId) {
    return key(scope, organizationId).isPresent();
  }

  private Optional<SecretKey> key(Scope scope, @Nullable String organizationId) {
    return scope == Scope.PRIVATE && organizationId != null
        ? keys.apply(organizationId)
        : Optional.empty();
  }

  private static byte[] authenticated(SecretKey key, byte[] text) {
    try {
      var mac = Mac.getInstance(HMAC);
      mac.init(key);
      return mac.doFinal(text);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no " + HMAC, e);
    }
  }
}
