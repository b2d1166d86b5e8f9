package dev.millrace.standalone;

import dev.millrace.runtime.Folders;
import dev.millrace.standalone.DataFolder.PortWish;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A real PostgreSQL server as a child process, on 127.0.0.1, data kept.
///
/// The binaries are those that zonky packs into jars, run by hand: this class decides when the
/// server stops (a shutdown hook of its own would race with services that still write), and leaves
/// `fsync` on, because the data is kept.
public final class EmbeddedPostgreSql implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedPostgreSql.class);
  private static final String NAME = "millrace";

  private final DataFolder folder;
  private final PostgresCommands commands;
  private final int port;
  private final String password;
  private boolean closed;

  private EmbeddedPostgreSql(
      DataFolder folder, PostgresCommands commands, int port, String password) {
    this.folder = folder;
    this.commands = commands;
    this.port = port;
    this.password = password;
  }

  /// Starts the server and returns when it accepts connections.
  ///
  /// @param dataDir made when new, continued when not
  /// @param port where clients connect; 0 for the port used last time if it is free, else any
  /// @throws FolderInUseException when another live process has the folder
  public static EmbeddedPostgreSql start(Path dataDir, int port) {
    try {
      var folder = DataFolder.hold(dataDir);
      try {
        return start(folder, port, PostgresBinaries.unpackFor(folder));
      } catch (IOException | RuntimeException e) {
        folder.close();
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot start PostgreSQL in " + dataDir + ": " + e.getMessage(), e);
    }
  }

  private static EmbeddedPostgreSql start(DataFolder folder, int port, Path binaries)
      throws IOException {
    var data = folder.resolve("data");
    var commands = new PostgresCommands(binaries, folder.resolve("last-command.log"));

    // Whoever holds the folder's lock knows that a server still running on it lost its parent.
    if (commands.stop(data)) {
      LOG.info("stopped the PostgreSQL that a killed process left behind folder={}", folder.path());
    }
    if (!Files.exists(data)) {
      create(folder, data, commands);
    }
    int chosen = folder.ports(List.of(new PortWish("postgres", port))).getFirst();
    commands.start(data, folder.resolve("postgres.log"), settings(chosen));
    var password = Files.readString(folder.resolve("password"));
    return new EmbeddedPostgreSql(folder, commands, chosen, password);
  }

  /// For JDBC, without user and password.
  public String jdbcUrl() {
    return "jdbc:postgresql://127.0.0.1:%d/%s".formatted(port, NAME);
  }

  public String user() {
    return NAME;
  }

  public String password() {
    return password;
  }

  /// Ends all sessions, stops the server and gives the folder back. Closing again does nothing.
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    try (folder) {
      boolean _ = commands.stop(folder.resolve("data"));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot stop PostgreSQL in " + folder.path(), e);
    }
  }

  /// Made aside and renamed, so that a start that was cut short leaves nothing half made.
  private static void create(DataFolder folder, Path data, PostgresCommands commands)
      throws IOException {
    var unfinished = folder.resolve("data.unfinished");
    Folders.delete(unfinished);
    var password = folder.resolve("password");
    OwnerFile.write(password, newPassword());
    commands.initialise(unfinished, NAME, password);
    commands.runSingleUser(
        unfinished, List.of("CREATE EXTENSION pg_stat_statements", "CREATE DATABASE " + NAME));
    Files.move(unfinished, data);
  }

  private static String newPassword() {
    var bytes = new byte[16];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /// Everything the server is told; what is not here is PostgreSQL's default.
  static Map<String, String> settings(int port) {
    return new TreeMap<>(
        Map.ofEntries(
            Map.entry("port", Integer.toString(port)),
            Map.entry("listen_addresses", "127.0.0.1"),
            Map.entry("unix_socket_directories", ""),
            Map.entry("max_connections", "30"),
            Map.entry("shared_buffers", "32MB"),
            Map.entry("work_mem", "8MB"),
            Map.entry("maintenance_work_mem", "32MB"),
            Map.entry("max_wal_size", "256MB"),
            Map.entry("wal_level", "minimal"),
            Map.entry("max_wal_senders", "0"),
            Map.entry("autovacuum_max_workers", "2"),
            Map.entry("max_worker_processes", "2"),
            Map.entry("max_parallel_workers_per_gather", "0"),
            Map.entry("io_method", "sync"),
            Map.entry("jit", "off"),
            Map.entry("shared_preload_libraries", "pg_stat_statements"),
            Map.entry("log_checkpoints", "off"),
            Map.entry("timezone", "UTC"),
            Map.entry("log_timezone", "UTC")));
  }
}
