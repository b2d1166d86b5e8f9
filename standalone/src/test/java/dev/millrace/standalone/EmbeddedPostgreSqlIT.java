package dev.millrace.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class EmbeddedPostgreSqlIT {

  @TempDir Path folder;

  static final class Server {
    private Server() {}

    public static void main(String[] arguments) throws Exception {
      var postgres = EmbeddedPostgreSql.start(Path.of(arguments[0]), 0);
      execute(postgres, "CREATE TABLE jobs (id text)");
      execute(postgres, "INSERT INTO jobs VALUES ('of the killed one')");
      ChildJvm.say(postgres.jdbcUrl());
    }
  }

  @Test
  void rows_are_there_after_a_stop_and_a_start() throws Exception {
    String url;
    try (var postgres = EmbeddedPostgreSql.start(folder, 0)) {
      url = postgres.jdbcUrl();
      execute(postgres, "CREATE TABLE jobs (id text)");
      execute(postgres, "INSERT INTO jobs VALUES ('seven')");
    }

    try (var postgres = EmbeddedPostgreSql.start(folder, 0)) {
      assertThat(postgres.jdbcUrl()).isEqualTo(url);
      assertThat(ask(postgres, "SELECT id FROM jobs")).isEqualTo("seven");
    }
  }

  @Test
  void a_server_that_a_killed_process_left_behind_is_replaced_and_its_rows_are_kept()
      throws Exception {
    String url;
    try (var child = ChildJvm.start(Server.class, folder)) {
      url = child.line();
    }
    var orphan = postmasterPid();

    try (var postgres = EmbeddedPostgreSql.start(folder, 0)) {
      assertThat(postmasterPid()).isNotEqualTo(orphan);
      assertThat(postgres.jdbcUrl()).isEqualTo(url);
      assertThat(ask(postgres, "SELECT id FROM jobs")).isEqualTo("of the killed one");
    }
  }

  @Test
  void a_server_that_was_killed_can_be_closed_and_started_again() throws Exception {
    try (var postgres = EmbeddedPostgreSql.start(folder, 0)) {
      execute(postgres, "CREATE TABLE jobs (id text)");
      execute(postgres, "INSERT INTO jobs VALUES ('seven')");
      var server = ProcessHandle.of(Long.parseLong(postmasterPid())).orElseThrow();
      assertThat(server.destroyForcibly()).isTrue();
      var workingFolder = Path.of("/proc", Long.toString(server.pid()), "cwd");
      await().until(() -> Files.notExists(workingFolder));
    }

    try (var postgres = EmbeddedPostgreSql.start(folder, 0)) {
      assertThat(ask(postgres, "SELECT id FROM jobs")).isEqualTo("seven");
    }
  }

  @Test
  void a_stale_pid_file_naming_somebody_else_harms_nobody() throws Exception {
    EmbeddedPostgreSql.start(folder, 0).close();
    Files.writeString(folder.resolve("data/postmaster.pid"), ProcessHandle.current().pid() + "\n");

    try (var postgres = EmbeddedPostgreSql.start(folder, 0)) {
      assertThat(ask(postgres, "SELECT 'alive'")).isEqualTo("alive");
    }
  }

  @Test
  void a_first_start_that_was_cut_short_is_begun_again() throws Exception {
    Files.createDirectories(folder.resolve("data.unfinished/base"));
    Files.writeString(folder.resolve("password"), "");

    try (var postgres = EmbeddedPostgreSql.start(folder, 0)) {
      assertThat(ask(postgres, "SELECT 'alive'")).isEqualTo("alive");
    }
  }

  @Test
  void it_counts_statements_asks_for_a_password_and_keeps_to_this_machine() throws Exception {
    try (var postgres = EmbeddedPostgreSql.start(folder, 0)) {
      assertThat(ask(postgres, "SELECT count(*) >= 0 FROM pg_stat_statements")).isEqualTo("t");
      assertThat(ask(postgres, "SHOW listen_addresses")).isEqualTo("127.0.0.1");
      assertThat(ask(postgres, "SHOW fsync")).isEqualTo("on");
      assertThat(ask(postgres, "SHOW server_encoding")).isEqualTo("UTF8");
      assertThatThrownBy(
              () -> DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), "a guess"))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("password authentication failed");
    }
  }

  @Test
  void it_stops_within_two_seconds_whoever_is_connected() throws Exception {
    var postgres = EmbeddedPostgreSql.start(folder, 0);
    try (var _ = connect(postgres)) {
      long begin = System.nanoTime();

      postgres.close();
      postgres.close();

      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(2));
    }
  }

  @Test
  void a_folder_in_use_is_refused_by_name() {
    try (var _ = EmbeddedPostgreSql.start(folder, 0)) {
      assertThatThrownBy(() -> EmbeddedPostgreSql.start(folder, 0))
          .isInstanceOf(FolderInUseException.class)
          .hasMessageContaining(folder.getFileName().toString());
    }
  }

  @Test
  void the_binaries_are_unpacked_once(@TempDir Path cache) throws IOException {
    var first = PostgresBinaries.unpack(cache);
    var marker = Files.createFile(first.resolve("marker"));

    assertThat(PostgresBinaries.unpack(cache)).isEqualTo(first);
    assertThat(marker).exists();
    assertThat(first.resolve("bin/postgres")).isExecutable();
  }

  private String postmasterPid() throws IOException {
    return Files.readAllLines(folder.resolve("data/postmaster.pid")).getFirst();
  }

  private static Connection connect(EmbeddedPostgreSql postgres) throws SQLException {
    return DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), postgres.password());
  }

  private static void execute(EmbeddedPostgreSql postgres, String sql) throws SQLException {
    try (var connection = connect(postgres);
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static String ask(EmbeddedPostgreSql postgres, String sql) throws SQLException {
    try (var connection = connect(postgres);
        var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      assertThat(rows.next()).isTrue();
      return rows.getString(1);
    }
  }
}
