package dev.millrace.cache.codec;

import dev.millrace.runtime.KeyFile;
import java.nio.file.Path;
import java.util.Optional;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;

/// The keys that results are encrypted with. All decrypt; one encrypts: the one that is asked for,
/// else the last of the file.
public final class Keys {

  /// Nothing is encrypted, and nothing that is can be read.
  public static final Keys NONE = new Keys(null, Optional.empty());

  private final @Nullable KeyFile file;
  private final Optional<String> current;

  private Keys(@Nullable KeyFile file, Optional<String> current) {
    this.file = file;
    this.current = current;
  }

  /// Reads the keys of a file.
  ///
  /// @param current names the key that encrypts; empty: the last one
  /// @throws IllegalArgumentException when the file has no good keys or not that one, says where
  ///   and why, and never what stands there
  public static Keys load(Path path, String current) {
    var file = KeyFile.read(path);
    var encrypts = current.isEmpty() ? file.names().getLast() : current;
    if (!file.names().contains(encrypts)) {
      throw new IllegalArgumentException(
          path + " has no key " + encrypts + ", only " + String.join(", ", file.names()));
    }
    return new Keys(file, Optional.of(encrypts));
  }

  /// The name of the key that encrypts.
  Optional<String> current() {
    return current;
  }

  Optional<SecretKey> named(String name) {
    return file == null ? Optional.empty() : file.key(name, "AES");
  }
}
