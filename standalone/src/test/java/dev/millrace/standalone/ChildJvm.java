package dev.millrace.standalone;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A program in a JVM of its own, to be killed.
///
/// It says that it is ready by its first line on stdout, and ends by itself when stdin ends, that
/// is when its parent is gone.
final class ChildJvm implements AutoCloseable {

  private final Process process;
  private final BufferedReader output;

  private ChildJvm(Process process) {
    this.process = process;
    this.output = process.inputReader();
  }

  static ChildJvm start(Class<?> main, Object... arguments) throws IOException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("java.class.path"),
            main.getName()));
    for (var argument : arguments) {
      command.add(argument.toString());
    }
    return new ChildJvm(
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  /// Waits for the next line.
  String line() throws IOException {
    var line = output.readLine();
    if (line == null) {
      throw new IOException("the child ended without a word");
    }
    return line;
  }

  long pid() {
    return process.pid();
  }

  /// As `kill -9`; returns when it is dead.
  void kill() {
    process.destroyForcibly().onExit().join();
  }

  /// As `kill`; returns when it has ended.
  ///
  /// @return its exit code
  int terminate() throws InterruptedException {
    // by its handle: the process itself would close the pipes, and the child take us for gone
    var _ = process.toHandle().destroy();
    return process.waitFor();
  }

  @Override
  public void close() throws IOException {
    kill();
    output.close();
  }

  /// Called by the child: says `ready`, then lives until its parent is gone.
  static void say(String ready) throws IOException {
    System.out.println(ready);
    System.in.transferTo(OutputStream.nullOutputStream());
  }
}
