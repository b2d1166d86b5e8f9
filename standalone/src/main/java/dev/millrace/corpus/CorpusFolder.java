package dev.millrace.corpus;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/// A folder of inputs and its `expected.tsv`.
///
/// ```
/// file        outcome  code    what it is  topic          headers
/// 010-x.json  R        E_JSON  a comma     requests.free  attempt=9 x=y*1000
/// ```
///
/// Fields are parted by tabs; all behind `outcome` may be left out. A file is the bytes that are
/// sent; `.gz` is unpacked first, `.null` is a record without a value, `.http` a whole HTTP
/// request. `_PASS_` in it becomes the number of the pass; files of one number are sent in order.
/// The file may be named without its ending, or by its number alone.
final class CorpusFolder {

  private static final String EXPECTED = "expected.tsv";

  private CorpusFolder() {}

  /// The cases in the order of `expected.tsv`.
  ///
  /// @throws IllegalArgumentException names the line that cannot be read, or the files without one
  static List<Case> read(Path folder) {
    var list = folder.resolve(EXPECTED);
    if (!Files.isRegularFile(list)) {
      throw new IllegalArgumentException(
          list + " is missing: it says what must become of each file");
    }
    try {
      var files = files(folder);
      var cases = new ArrayList<Case>();
      int number = 0;
      for (var line : Files.readAllLines(list)) {
        number++;
        if (line.isBlank() || line.startsWith("#") || line.startsWith("file\t")) {
          continue;
        }
        try {
          cases.add(read(line.split("\t", -1), files));
        } catch (IllegalArgumentException e) {
          throw new IllegalArgumentException(
              EXPECTED + " line " + number + ": " + e.getMessage(), e);
        }
      }
      cases.forEach(each -> files.remove(each.name()));
      if (!files.isEmpty()) {
        throw new IllegalArgumentException(
            EXPECTED + " says nothing of " + String.join(", ", files.keySet()));
      }
      return List.copyOf(cases);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the corpus in " + folder, e);
    }
  }

  private static Map<String, Path> files(Path folder) throws IOException {
    try (var entries = Files.list(folder)) {
      var files = new TreeMap<String, Path>();
      entries
          .filter(Files::isRegularFile)
          .filter(file -> !file.getFileName().toString().matches("expected\\.tsv|.*\\.md"))
          .forEach(file -> files.put(file.getFileName().toString(), file));
      return files;
    }
  }

  private static Case read(String[] fields, Map<String, Path> files) throws IOException {
    if (fields.length < 2) {
      throw new IllegalArgumentException("expected a file and an outcome, parted by a tab");
    }
    var file = find(fields[0].strip(), files);
    var name = file.getFileName().toString();
    var topic = field(fields, 4);
    return new Case(
        name,
        value(file),
        name.endsWith(".http"),
        Expected.of(fields[1].strip(), field(fields, 2)),
        topic.isEmpty() ? Case.REQUESTS : topic,
        headers(field(fields, 5)));
  }

  private static Path find(String name, Map<String, Path> files) {
    var exact = files.get(name);
    if (exact != null) {
      return exact;
    }
    var alike =
        files.entrySet().stream()
            .filter(file ->
                file.getKey().startsWith(name + ".") || file.getKey().startsWith(name + "-"))
            .toList();
    if (alike.size() != 1) {
      throw new IllegalArgumentException(
          (alike.isEmpty() ? "there is no file '" : "more than one file begins with '")
              + name
              + "'");
    }
    return alike.getFirst().getValue();
  }

  private static byte @Nullable [] value(Path file) throws IOException {
    var name = file.getFileName().toString();
    if (name.endsWith(".null")) {
      return null;
    }
    var bytes = Files.readAllBytes(file);
    if (!name.endsWith(".gz")) {
      return bytes;
    }
    try (var unpacked = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
      return unpacked.readAllBytes();
    }
  }

  /// `name=value` parted by spaces; `*N` behind a value repeats it N times.
  private static Map<String, String> headers(String text) {
    var headers = new HashMap<String, String>();
    for (var word : text.isEmpty() ? new String[0] : text.split(" +")) {
      var pair = word.split("=", 2);
      if (pair.length < 2) {
        throw new IllegalArgumentException("expected headers as name=value, got '" + word + "'");
      }
      int times = pair[1].lastIndexOf('*');
      headers.put(
          pair[0],
          times < 0
              ? pair[1]
              : pair[1].substring(0, times).repeat(Integer.parseInt(pair[1].substring(times + 1))));
    }
    return headers;
  }

  private static String field(String[] fields, int index) {
    return index < fields.length ? fields[index].strip() : "";
  }
}
