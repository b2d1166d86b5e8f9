package dev.millrace.cache.codec;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/// The keys of one file, a line `<name>=<base64 of 32 random bytes>` each. All decrypt; one
/// encrypts: the one that is asked for, else the last.
///
/// ```
/// # openssl rand -base64 32
/// 2026-01=3q2+7w…
/// ```
public final class Keys {

  /// Nothing is encrypted, and nothing that is can be read.
  public static final Keys NONE = new Keys(Map.of(), Optional.empty());

  private static final Pattern LINE = Pattern.compile("([A-Za-z0-9._-]{1,64})=(\\S+)");
  private static final int KEY_BYTES = 32;

  private final Map<String, SecretKey> byName;
  private final Optional<String> current;

  private Keys(Map<String, SecretKey> byName, Optional<String> current) {
    this.byName = Map.copyOf(byName);
    this.current = current;
  }

  /// Reads the keys of a file.
  ///
  /// @param current names the key that encrypts; empty: the last one
  /// @throws IllegalArgumentException when the file has no good keys, says where and why, and never
  ///   what stands there
  public static Keys load(Path file, String current) {
    var byName = new LinkedHashMap<String, SecretKey>();
    int number = 0;
    for (var line : lines(file)) {
      number++;
      if (!line.isBlank() && !line.startsWith("#")) {
        add(byName, line.strip(), "line " + number + " of " + file);
      }
    }
    if (byName.isEmpty()) {
      throw new IllegalArgumentException(file + " has no keys");
    }
    var encrypts = current.isEmpty() ? byName.lastEntry().getKey() : current;
    if (!byName.containsKey(encrypts)) {
      throw new IllegalArgumentException(
          file + " has no key " + encrypts + ", only " + String.join(", ", byName.keySet()));
    }
    return new Keys(byName, Optional.of(encrypts));
  }

  /// The name of the key that encrypts.
  Optional<String> current() {
    return current;
  }

  Optional<SecretKey> named(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  private static void add(Map<String, SecretKey> byName, String line, String where) {
    var parts = LINE.matcher(line);
    if (!parts.matches()) {
      throw new IllegalArgumentException(where + ": expected <name>=<base64 key>");
    }
    byte[] key;
    try {
      key = Base64.getDecoder().decode(parts.group(2));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(where + ": the key is not base64", e);
    }
    if (key.length != KEY_BYTES) {
      throw new IllegalArgumentException(
          where + ": expected a key of " + KEY_BYTES + " bytes, got " + key.length);
    }
    if (byName.put(parts.group(1), new SecretKeySpec(key, "AES")) != null) {
      throw new IllegalArgumentException(where + ": the name was used before");
    }
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the keys in " + file, e);
    }
  }
}
