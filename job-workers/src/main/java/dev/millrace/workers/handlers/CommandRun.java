package dev.millrace.workers.handlers;

import dev.millrace.runtime.Threads;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// One program in a process group of its own, with nothing in its environment but a path. However
/// it ends, nothing of the group is left.
final class CommandRun {

  private static final int KEPT_OUTPUT = 64 * 1024;
  private static final int KEPT_ERRORS = 2 * 1024;
  private static final int LONGEST_LINE = 1024 * 1024;
  private static final Duration LEFTOVERS = Duration.ofSeconds(2);
  private static final boolean GROUPS = ProgramPath.has("setsid") && ProgramPath.has("kill");

  private final Path program;
  private final List<String> arguments;
  private final Path folder;
  private final LineReader output;
  private final LineReader errors;

  CommandRun(Path program, List<String> arguments, Path folder, Consumer<String> lines) {
    this.program = program;
    this.arguments = arguments;
    this.folder = folder;
    this.output = new LineReader(lines, KEPT_OUTPUT, LONGEST_LINE, false);
    this.errors = new LineReader(_ -> {}, KEPT_ERRORS, KEPT_ERRORS, true);
  }

  /// Runs it to its end.
  ///
  /// @return its exit code
  /// @throws InterruptedException when the job is stopped; the program is gone by then
  int run(String stdin) throws IOException, InterruptedException {
    var process = start();
    var threads = Threads.platform("command-" + process.pid());
    var readers =
        List.of(
            threads.newThread(() -> output.read(process.getInputStream())),
            threads.newThread(() -> errors.read(process.getErrorStream())));
    readers.forEach(Thread::start);
    threads.newThread(() -> feed(process, stdin)).start();
    try {
      int exitCode = process.waitFor();
      kill(process, "KILL");
      for (var reader : readers) {
        if (!reader.join(LEFTOVERS)) {
          closeQuietly(process.getInputStream());
        }
      }
      return exitCode;
    } catch (InterruptedException e) {
      end(process);
      throw e;
    }
  }

  /// The beginning of what it wrote.
  String output() {
    return output.kept();
  }

  boolean outputCut() {
    return output.cut();
  }

  /// The end of what it complained of.
  String errors() {
    return errors.kept();
  }

  private Process start() throws IOException {
    var command = new ArrayList<String>();
    if (GROUPS) {
      command.add("setsid");
    }
    command.add(program.toString());
    command.addAll(arguments);
    var builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().clear();
    builder.environment().put("PATH", ProgramPath.TEXT);
    return builder.start();
  }

  private static void feed(Process process, String stdin) {
    try (var pipe = process.getOutputStream()) {
      pipe.write(stdin.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // the program ended, or does not read
    }
  }

  /// Politely first, then not.
  private static void end(Process process) {
    kill(process, "TERM");
    try {
      var _ = process.waitFor(500, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    kill(process, "KILL");
    closeQuietly(process.getInputStream());
    closeQuietly(process.getErrorStream());
  }

  private static void kill(Process process, String signal) {
    if (GROUPS) {
      try {
        var _ =
            new ProcessBuilder("kill", "-" + signal, "--", "-" + process.pid())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
        return;
      } catch (IOException e) {
        // then at least itself and its children
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  private static void closeQuietly(InputStream stream) {
    try {
      stream.close();
    } catch (IOException e) {
      // nothing more will come from it
    }
  }
}
