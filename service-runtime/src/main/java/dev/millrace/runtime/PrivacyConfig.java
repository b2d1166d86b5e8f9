package dev.millrace.runtime;

import dev.millrace.runtime.request.RequestHasher;
import java.nio.file.Path;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;

/// The keys that private requests are hashed under. Whoever hashes requests must know the same.
public final class PrivacyConfig {

  public static final String KEYS = "privacy.keys";

  private PrivacyConfig() {}

  /// Adds the setting to those of a service that hashes requests.
  public static ConfigDef define(ConfigDef def) {
    return def.define(
        KEYS,
        Type.STRING,
        "",
        KeyFile.SETTING,
        Importance.MEDIUM,
        "File of the keys that private requests are hashed under, a line <organization>=<base64"
            + " of 32 bytes> each. Intake, publisher and audit need the same.");
  }

  /// A hasher with the keys of the setting.
  public static RequestHasher hasher(Settings settings) {
    return settings.optionalPath(KEYS).map(PrivacyConfig::hasher).orElse(RequestHasher.KEYLESS);
  }

  /// A hasher with the keys of a file.
  ///
  /// @throws IllegalArgumentException when the file has no good keys, says where and why
  public static RequestHasher hasher(Path file) {
    var keys = KeyFile.read(file);
    return new RequestHasher(organization -> keys.key(organization, RequestHasher.HMAC));
  }
}
