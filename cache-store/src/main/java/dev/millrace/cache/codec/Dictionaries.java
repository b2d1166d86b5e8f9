package dev.millrace.cache.codec;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The dictionaries of one folder, a file `<type>.<version>.zdict` each. All are read with; the
/// newest of a type is written with.
///
/// A result can only be read with the dictionary it was written with: a file may go when no result
/// of its time is left.
public final class Dictionaries {

  public static final Dictionaries NONE = new Dictionaries(Map.of(), Map.of());

  private static final Pattern FILE = Pattern.compile("([a-z0-9-]{1,64})\\.(\\d{1,9})\\.zdict");

  private final Map<Integer, Dictionary> byId;
  private final Map<String, Dictionary> newest;

  private Dictionaries(Map<Integer, Dictionary> byId, Map<String, Dictionary> newest) {
    this.byId = Map.copyOf(byId);
    this.newest = Map.copyOf(newest);
  }

  /// Loads all dictionaries; none when there is no such folder.
  ///
  /// @throws IllegalArgumentException when a file is no dictionary, names it
  public static Dictionaries load(Path folder) {
    var byId = new HashMap<Integer, Dictionary>();
    var newest = new HashMap<String, Dictionary>();
    files(folder)
        .forEach((type, versions) -> {
          versions
              .values()
              .forEach(file -> {
                var dictionary = read(file);
                if (byId.put(dictionary.id(), dictionary) != null) {
                  throw new IllegalArgumentException(
                      file + " is a copy of another dictionary beside it");
                }
                newest.put(type, dictionary);
              });
        });
    return new Dictionaries(byId, newest);
  }

  /// Writes the next version of a type's dictionary, as a whole: a cache-store that starts
  /// meanwhile sees all of it or nothing.
  ///
  /// @return the file
  public static Path add(Path folder, String type, byte[] dictionary) throws IOException {
    var versions = files(folder).getOrDefault(type, new TreeMap<>());
    int last = versions.isEmpty() ? 0 : versions.lastKey();
    var file = folder.resolve(type + "." + (last + 1) + ".zdict");
    var unfinished = folder.resolve(file.getFileName() + ".unfinished");
    Files.createDirectories(folder);
    Files.write(unfinished, dictionary);
    return Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /// The one to write with.
  Optional<Dictionary> of(String type) {
    return Optional.ofNullable(newest.get(type));
  }

  /// The one that was written with.
  Optional<Dictionary> withId(int id) {
    return Optional.ofNullable(byId.get(id));
  }

  private static Map<String, NavigableMap<Integer, Path>> files(Path folder) {
    var files = new TreeMap<String, NavigableMap<Integer, Path>>();
    if (!Files.isDirectory(folder)) {
      return files;
    }
    try (var all = Files.newDirectoryStream(folder, "*.zdict")) {
      for (var file : all) {
        Matcher name = FILE.matcher(file.getFileName().toString());
        if (!name.matches()) {
          throw new IllegalArgumentException(file + " is not named <type>.<version>.zdict");
        }
        files
            .computeIfAbsent(name.group(1), _ -> new TreeMap<>())
            .put(Integer.parseInt(name.group(2)), file);
      }
      return files;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the dictionaries in " + folder, e);
    }
  }

  private static Dictionary read(Path file) {
    try {
      return Dictionary.of(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the dictionary " + file, e);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(file + " " + e.getMessage(), e);
    }
  }
}
