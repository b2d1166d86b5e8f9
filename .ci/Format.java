import com.google.googlejavaformat.java.Main;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Runs google-java-format over files and folders: `--check` fails on files that it would change,
/// `--replace` changes them. Folders that do not exist have nothing to say.
void main(String[] arguments) throws Exception {
  boolean replace = arguments[0].equals("--replace");
  List<String> options = new ArrayList<>();
  options.addAll(replace ? List.of("--replace") : List.of("--dry-run", "--set-exit-if-changed"));
  int named = options.size();
  for (String path : List.of(arguments).subList(1, arguments.length)) {
    options.addAll(javaFiles(Path.of(path)));
  }
  if (options.size() == named) {
    return;
  }

  var out = new PrintWriter(System.out, true);
  var err = new PrintWriter(System.err, true);
  int result = new Main(out, err, System.in).format(options.toArray(String[]::new));
  if (result != 0 && !replace) {
    err.println("These files are not formatted. Run .ci/format, then build again.");
  }
  System.exit(result);
}

private List<String> javaFiles(Path path) throws IOException {
  if (Files.notExists(path)) {
    return List.of();
  }
  try (var files = Files.walk(path)) {
    return files
        .filter(Files::isRegularFile)
        .filter(file -> file.toString().endsWith(".java"))
        .filter(file -> !file.toString().contains("/target/"))
        .map(Path::toString)
        .sorted()
        .toList();
  }
}
