package dev.millrace.chaos;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// One command of the product in a JVM of its own. It says that it is ready by its first line, and
/// ends by itself when we are gone.
public final class Child implements AutoCloseable {

  private static final long STOPPED_SECONDS = 30;
  private static final long READY_SECONDS = 120;

  private final Process process;
  private final BufferedReader output;

  private Child(Process process) {
    this.process = process;
    this.output = process.inputReader();
  }

  /// Starts it.
  ///
  /// @param environment on top of our own
  /// @param log gets what it says to people
  public static Child start(List<String> arguments, Map<String, String> environment, Path log)
      throws IOException {
    var command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx320m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Dmillrace.ends.with.stdin=true",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.millrace.cli.Main"));
    command.addAll(arguments);
    Files.createDirectories(log.getParent());
    var builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().putAll(environment);
    return new Child(builder.start());
  }

  /// Waits for the line that says it does its work.
  ///
  /// @throws IOException when it ended instead, or did not get there in two minutes
  public void awaitReady() throws IOException {
    var late =
        CompletableFuture.runAsync(
            this::kill, CompletableFuture.delayedExecutor(READY_SECONDS, TimeUnit.SECONDS));
    try {
      if (output.readLine() == null) {
        throw new IOException(late.isDone() ? "it hung" : "it ended without being ready");
      }
    } finally {
      late.cancel(false);
    }
  }

  boolean alive() {
    return process.isAlive();
  }

  /// As `kill -9`; returns when it is dead.
  public void kill() {
    process.destroyForcibly().onExit().join();
  }

  /// As `kill`, which it may answer as slowly as it likes for a while.
  void terminate() throws InterruptedException {
    // by its handle: the process itself would close the pipes, and the child take us for gone
    var _ = process.toHandle().destroy();
    if (!process.waitFor(STOPPED_SECONDS, TimeUnit.SECONDS)) {
      kill();
    }
  }

  void pause() throws IOException {
    signal("STOP");
  }

  void resume() throws IOException {
    signal("CONT");
  }

  private void signal(String name) throws IOException {
    try {
      new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while sending " + name);
    }
  }

  @Override
  public void close() {
    kill();
    try {
      output.close();
    } catch (IOException _) {
      // it is dead
    }
  }
}
