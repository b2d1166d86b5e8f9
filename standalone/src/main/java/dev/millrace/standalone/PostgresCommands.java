package dev.millrace.standalone;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The four commands of a PostgreSQL installation that Millrace needs.
///
/// PostgreSQL refuses to run as root, so root runs it in a user namespace where it is nobody.
final class PostgresCommands {

  private static final Logger LOG = LoggerFactory.getLogger(PostgresCommands.class);
  private static final boolean ROOT = System.getProperty("user.name").equals("root");
  private static final int PATIENCE_SECONDS = 60;

  private final Path bin;
  private final Path output;

  /// @param output where a command's output goes, to be quoted when it fails
  PostgresCommands(Path installation, Path output) {
    this.bin = installation.resolve("bin");
    this.output = output;
  }

  /// Makes a data folder that any machine reads alike, whatever its locale.
  void initialise(Path data, String superuser, Path passwordFile) throws IOException {
    run(
        List.of(
            program("initdb"),
            "--pgdata=" + data,
            "--username=" + superuser,
            "--pwfile=" + passwordFile,
            "--auth=scram-sha-256",
            "--encoding=UTF-8",
            "--no-locale",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--set=max_connections=30",
            "--set=shared_buffers=32MB"),
        "");
  }

  /// Runs statements without a server, in the template that new databases copy.
  void runSingleUser(Path data, List<String> statements) throws IOException {
    run(
        List.of(program("postgres"), "--single", "-D", data.toString(), "template1"),
        String.join("\n", statements) + "\n");
  }

  /// Returns when the server accepts connections. It stays in a session of its own: a Ctrl-C meant
  /// for this JVM must not reach it.
  void start(Path data, Path log, Map<String, String> settings) throws IOException {
    var options =
        settings.entrySet().stream()
            .map(it -> "-c %s='%s'".formatted(it.getKey(), it.getValue()))
            .collect(Collectors.joining(" "));
    run(
        List.of(
            program("pg_ctl"),
            "--pgdata=" + data,
            "--log=" + log,
            "--options=" + options,
            "--wait",
            "start"),
        "");
  }

  /// Ends the sessions and returns when the server of this data folder has stopped.
  ///
  /// @return whether there was one
  boolean stop(Path data) throws IOException {
    var pidFile = data.resolve("postmaster.pid");
    var process = recorded(pidFile);
    if (process.isEmpty()) {
      return false;
    }
    if (!serves(process.get(), data)) {
      // The pid belongs to somebody else by now, and PostgreSQL would take it for a rival.
      Files.deleteIfExists(pidFile);
      return false;
    }
    try {
      stop(data, "fast");
    } catch (IOException e) {
      if (serves(process.get(), data)) {
        LOG.warn("PostgreSQL did not stop and is stopped hard folder={}", data, e);
        stop(data, "immediate");
      }
    }
    return true;
  }

  private void stop(Path data, String mode) throws IOException {
    run(
        List.of(
            program("pg_ctl"),
            "--pgdata=" + data,
            "--mode=" + mode,
            "--timeout=10",
            "--wait",
            "stop"),
        "");
  }

  private static Optional<ProcessHandle> recorded(Path pidFile) throws IOException {
    if (!Files.exists(pidFile)) {
      return Optional.empty();
    }
    var pid = Files.readString(pidFile).lines().findFirst().orElse("").strip();
    return pid.matches("\\d{1,9}") ? ProcessHandle.of(Long.parseLong(pid)) : Optional.empty();
  }

  /// A server works in its data folder. Where that cannot be seen, its command line names it.
  private static boolean serves(ProcessHandle process, Path data) {
    var workingFolder = Path.of("/proc", Long.toString(process.pid()), "cwd");
    try {
      return Files.isSameFile(workingFolder, data);
    } catch (IOException _) {
      return process.info().commandLine().filter(it -> it.contains(data.toString())).isPresent();
    }
  }

  private String program(String name) {
    return bin.resolve(name).toString();
  }

  private void run(List<String> command, String input) throws IOException {
    var line = new ArrayList<>(command);
    if (ROOT) {
      line.addAll(0, List.of("unshare", "--user"));
    }
    var process =
        new ProcessBuilder(line).redirectErrorStream(true).redirectOutput(output.toFile()).start();
    try (var stdin = process.outputWriter()) {
      stdin.write(input);
    }
    try {
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw failed(command, "gave no answer within %d s".formatted(PATIENCE_SECONDS));
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for " + command.getFirst(), e);
    }
    if (process.exitValue() != 0) {
      throw failed(command, "ended with %d".formatted(process.exitValue()));
    }
  }

  private IOException failed(List<String> command, String how) throws IOException {
    return new IOException(
        "%s %s: %s".formatted(command.getFirst(), how, Files.readString(output).strip()));
  }
}
