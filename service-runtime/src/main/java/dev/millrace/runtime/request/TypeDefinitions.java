package dev.millrace.runtime.request;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The types this service knows: `types/*.json` of every folder and jar on the class path, and
/// those of one folder more, which win over the class path's.
public final class TypeDefinitions {

  private static final String FOLDER = "types/";
  private static final String SUFFIX = ".json";

  private final Map<String, TypeDefinition> byName;

  private TypeDefinitions(Map<String, TypeDefinition> byName) {
    this.byName = Collections.unmodifiableMap(new TreeMap<>(byName));
  }

  public static TypeDefinitions of(TypeDefinition... definitions) {
    var byName = new TreeMap<String, TypeDefinition>();
    for (TypeDefinition definition : definitions) {
      byName.put(definition.type(), definition);
    }
    return new TypeDefinitions(byName);
  }

  /// Loads all definitions.
  ///
  /// @param folder the setting `types.dir`; null when there is none
  /// @throws IllegalArgumentException when a file is not a good definition, names the file
  public static TypeDefinitions load(ClassLoader classPath, @Nullable Path folder) {
    var files = new LinkedHashMap<String, File>();
    try {
      for (URL url : Collections.list(classPath.getResources(FOLDER))) {
        for (File file : filesAt(url)) {
          File other = files.put(file.name(), file);
          if (other != null && !Arrays.equals(other.bytes, file.bytes)) {
            throw new IllegalArgumentException(
                "two different definitions: " + other.place + " and " + file.place);
          }
        }
      }
      if (folder != null) {
        filesIn(folder).forEach(file -> files.put(file.name(), file));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the type definitions", e);
    }
    var byName = new TreeMap<String, TypeDefinition>();
    files.forEach((name, file) -> byName.put(name, file.definition()));
    return new TypeDefinitions(byName);
  }

  public Optional<TypeDefinition> find(String type) {
    return Optional.ofNullable(byName.get(type));
  }

  /// The names of all types, in order.
  public SortedSet<String> names() {
    return Collections.unmodifiableSortedSet(new TreeSet<>(byName.keySet()));
  }

  public Collection<TypeDefinition> all() {
    return byName.values();
  }

  private static Collection<File> filesAt(URL folder) throws IOException {
    if (folder.openConnection() instanceof JarURLConnection jar) {
      jar.setUseCaches(false);
      try (JarFile open = jar.getJarFile()) {
        var files = new TreeMap<String, File>();
        for (JarEntry entry : Collections.list(open.entries())) {
          String name = entry.getName();
          if (name.startsWith(FOLDER)
              && name.endsWith(SUFFIX)
              && name.indexOf('/', FOLDER.length()) < 0) {
            try (var in = open.getInputStream(entry)) {
              files.put(
                  name, new File(folder + name.substring(FOLDER.length()), in.readAllBytes()));
            }
          }
        }
        return files.values();
      }
    }
    try {
      return filesIn(Path.of(new URI(folder.toString())));
    } catch (URISyntaxException e) {
      throw new IOException("not a folder: " + folder, e);
    }
  }

  private static Collection<File> filesIn(Path folder) throws IOException {
    var files = new TreeMap<String, File>();
    try (Stream<Path> entries = Files.list(folder)) {
      for (Path path : (Iterable<Path>) entries::iterator) {
        if (path.toString().endsWith(SUFFIX) && Files.isRegularFile(path)) {
          files.put(path.toString(), new File(path.toString(), Files.readAllBytes(path)));
        }
      }
    }
    return files.values();
  }

  /// A definition file, wherever it was found.
  private static final class File {

    private final String place;
    private final byte[] bytes;

    File(String place, byte[] bytes) {
      this.place = place;
      this.bytes = bytes;
    }

    String name() {
      String file = place.replace('\\', '/');
      return file.substring(file.lastIndexOf('/') + 1, file.length() - SUFFIX.length());
    }

    TypeDefinition definition() {
      TypeDefinition definition;
      try {
        definition = TypeDefinition.parse(bytes);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(place + ": " + e.getMessage(), e);
      }
      if (!definition.type().equals(name())) {
        throw new IllegalArgumentException(
            place + ": type is '" + definition.type() + "', expected the file's name");
      }
      return definition;
    }
  }
}
