package dev.millrace.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.Scope;
import dev.millrace.runtime.Settings.Sources;
import dev.millrace.runtime.request.KeyRecipe;
import dev.millrace.runtime.request.RequestHasher;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// One question, asked in private by several users of several organizations.
class PrivacyConfigTest {

  private static final String PARAMS = "{\"campaignId\":\"cmp_81\"}";
  private static final byte[] KEY_A = key(1);
  private static final byte[] KEY_B = key(2);

  @TempDir Path folder;

  @Test
  void with_a_key_the_same_user_asks_the_same() throws Exception {
    var one = keyed();
    var another = keyed();

    assertThat(hash(one, "org_a", "ana")).isEqualTo(hash(another, "org_a", "ana"));
  }

  @Test
  void with_a_key_nobody_without_it_can_make_the_hash_of_a_guess() throws Exception {
    var hasher = keyed();
    var hashes =
        Stream.of("org_a ana", "org_a ben", "org_b ana", "org_b ben")
            .map(asker -> asker.split(" "))
            .map(asker -> hash(hasher, asker[0], asker[1]))
            .toList();

    assertThat(hashes).doesNotHaveDuplicates();
    // Whoever knows all there is to know but the key, another organization's key included.
    for (var organization : List.of("org_a", "org_b")) {
      for (var user : List.of("ana", "ben")) {
        var text = recipe(Scope.PRIVATE, organization, user).text();
        assertThat(hashes).doesNotContain(sha256(text));
        var foreign = organization.equals("org_a") ? KEY_B : KEY_A;
        assertThat(hashes).doesNotContain(hmac(foreign, text));
        var own = organization.equals("org_a") ? KEY_A : KEY_B;
        assertThat(hashes).contains(hmac(own, text));
      }
    }
  }

  @Test
  void another_key_makes_another_hash() throws Exception {
    var before = hash(keyed(), "org_a", "ana");
    var after = PrivacyConfig.hasher(write("org_a=" + text(KEY_B)));

    assertThat(hash(after, "org_a", "ana")).isNotEqualTo(before);
  }

  @Test
  void an_organization_without_a_key_is_hashed_plainly() throws Exception {
    var plain = sha256(recipe(Scope.PRIVATE, "org_c", "ana").text());

    assertThat(hash(keyed(), "org_c", "ana")).isEqualTo(plain);
    assertThat(keyed().keyed(Scope.PRIVATE, "org_c")).isFalse();
    assertThat(keyed().keyed(Scope.PRIVATE, "org_a")).isTrue();
  }

  @Test
  void so_is_everybody_unless_keys_are_configured() {
    var hasher = PrivacyConfig.hasher(settings(Map.of()));

    assertThat(hash(hasher, "org_a", "ana"))
        .isEqualTo(sha256(recipe(Scope.PRIVATE, "org_a", "ana").text()));
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "PRIVATE")
  void what_is_shared_is_hashed_plainly(Scope scope) throws Exception {
    var recipe = recipe(scope, "org_a", "ana");

    assertThat(keyed().hash(recipe, scope, "org_a").hex()).isEqualTo(sha256(recipe.text()));
    assertThat(keyed().keyed(scope, "org_a")).isFalse();
  }

  private RequestHasher keyed() throws IOException {
    var file = write("org_a=" + text(KEY_A), "org_b=" + text(KEY_B));
    return PrivacyConfig.hasher(settings(Map.of("privacy.keys", file.toString())));
  }

  private Path write(String... lines) throws IOException {
    return Files.write(folder.resolve("keys"), List.of(lines));
  }

  private static Settings settings(Map<String, String> flags) {
    return Settings.load(
        PrivacyConfig.define(CommonConfig.def()), new Sources(Map.of(), Map.of(), flags));
  }

  private static String hash(RequestHasher hasher, String organization, String user) {
    RequestHash hash =
        hasher.hash(recipe(Scope.PRIVATE, organization, user), Scope.PRIVATE, organization);
    return hash.hex();
  }

  private static KeyRecipe recipe(Scope scope, String organization, String user) {
    return new KeyRecipe(
        "simulation", 1, KeyRecipe.scopeKey(scope, organization, "ws_3", user), PARAMS);
  }

  private static String sha256(String text) {
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static String hmac(byte[] key, String text) throws Exception {
    var mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    return HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
  }

  private static byte[] key(int seed) {
    var bytes = new byte[32];
    bytes[0] = (byte) seed;
    return bytes;
  }

  private static String text(byte[] key) {
    return Base64.getEncoder().encodeToString(key);
  }
}
