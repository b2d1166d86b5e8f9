package dev.millrace.workers.handlers;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Where programs are looked for: a fixed list of system folders, whatever the worker's own
/// environment says.
final class ProgramPath {

  private static final List<String> FOLDERS =
      List.of("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin");

  static final String TEXT = String.join(":", FOLDERS);

  private ProgramPath() {}

  /// The file of an allowed program.
  ///
  /// @throws JobFailure when there is no such program; another worker may have it
  static Path find(String program) throws JobFailure {
    if (program.indexOf('/') >= 0) {
      var path = Path.of(program);
      if (path.isAbsolute() && Files.isRegularFile(path) && Files.isExecutable(path)) {
        return path;
      }
    } else {
      for (var folder : FOLDERS) {
        var path = Path.of(folder, program);
        if (Files.isRegularFile(path) && Files.isExecutable(path)) {
          return path;
        }
      }
    }
    throw JobFailure.retryable(
        "NO_SUCH_PROGRAM",
        "'%s' is allowed here, but is not an executable absolute path or a program in %s"
            .formatted(program, TEXT));
  }

  static boolean has(String program) {
    try {
      return Files.isExecutable(find(program));
    } catch (JobFailure e) {
      return false;
    }
  }
}
