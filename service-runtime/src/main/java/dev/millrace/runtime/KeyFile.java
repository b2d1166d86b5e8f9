package dev.millrace.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.regex.Pattern;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;

/// Secret keys of one file, a line `<name>=<base64 of 32 random bytes>` each. What a name stands
/// for is the reader's business.
///
/// ```
/// # openssl rand -base64 32
/// 2026-01=3q2+7w…
/// ```
public final class KeyFile {

  /// Allows a setting to name a good key file, or none.
  public static final ConfigDef.Validator SETTING = new GoodOrNone();

  private static final Pattern LINE = Pattern.compile("([A-Za-z0-9._:-]{1,128})=(\\S+)");
  private static final int KEY_BYTES = 32;

  private final SequencedMap<String, byte[]> byName;

  private KeyFile(SequencedMap<String, byte[]> byName) {
    this.byName = byName;
  }

  /// Reads all keys of a file.
  ///
  /// @throws IllegalArgumentException when the file has no good keys, names every wrong line and
  ///   never what stands there
  public static KeyFile read(Path file) {
    var byName = new LinkedHashMap<String, byte[]>();
    var wrong = new ArrayList<String>();
    int number = 0;
    for (var line : lines(file)) {
      number++;
      if (!line.isBlank() && !line.startsWith("#")) {
        var where = "line " + number + " of " + file;
        add(byName, line.strip()).ifPresent(why -> wrong.add(where + ": " + why));
      }
    }
    if (!wrong.isEmpty()) {
      throw new IllegalArgumentException(String.join("; ", wrong));
    }
    if (byName.isEmpty()) {
      throw new IllegalArgumentException(file + " has no keys");
    }
    return new KeyFile(byName);
  }

  /// The names, in the order of the file.
  public SequencedSet<String> names() {
    return Collections.unmodifiableSequencedSet(byName.sequencedKeySet());
  }

  /// The key of a name.
  ///
  /// @param algorithm it is used with, such as `AES`
  public Optional<SecretKey> key(String name, String algorithm) {
    return Optional.ofNullable(byName.get(name)).map(key -> new SecretKeySpec(key, algorithm));
  }

  /// @return why the line is wrong
  private static Optional<String> add(SequencedMap<String, byte[]> byName, String line) {
    var parts = LINE.matcher(line);
    if (!parts.matches()) {
      return Optional.of("expected <name>=<base64 key>");
    }
    byte[] key;
    try {
      key = Base64.getDecoder().decode(parts.group(2));
    } catch (IllegalArgumentException _) {
      return Optional.of("the key is not base64");
    }
    if (key.length != KEY_BYTES) {
      return Optional.of("expected a key of " + KEY_BYTES + " bytes, got " + key.length);
    }
    return byName.putIfAbsent(parts.group(1), key) == null
        ? Optional.empty()
        : Optional.of("the name was used before");
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException("there is no file " + file, e);
    } catch (IOException e) {
      throw new IllegalArgumentException("cannot read " + file + ": " + e, e);
    }
  }

  private static final class GoodOrNone implements ConfigDef.Validator {

    @Override
    public void ensureValid(String name, Object value) {
      var file = (String) value;
      if (file.isEmpty()) {
        return;
      }
      try {
        var _ = read(Path.of(file));
      } catch (IllegalArgumentException e) {
        throw new ConfigException(name, value, e.getMessage());
      }
    }

    @Override
    public String toString() {
      return "that names a file of keys, or empty";
    }
  }
}
