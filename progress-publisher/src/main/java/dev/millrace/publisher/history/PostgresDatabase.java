package dev.millrace.publisher.history;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.flywaydb.core.Flyway;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;

/// The connection pool, the schema and a breaker: after a failed connection, readers are refused at
/// once for a while instead of each waiting for the pool.
public final class PostgresDatabase implements AutoCloseable {

  private static final long PATIENCE_MS = Duration.ofSeconds(2).toMillis();
  private static final long BREAK_NANOS = Duration.ofSeconds(2).toNanos();
  private static final String CURSOR_KEY = "cursor";

  private static final String KEEP_SECRET =
      """
      insert into secrets (name, value) values (:name, :value) on conflict do nothing
      """;

  private static final String READ_SECRET =
      """
      select value from secrets where name = :name
      """;

  private final HikariDataSource pool;
  private final Jdbi jdbi;
  private final LongSupplier nanoTime;
  private volatile @Nullable Long brokenAt;
  private volatile byte @Nullable [] cursorKey;

  /// Does not connect yet, so that a service can start before its database.
  public PostgresDatabase(HistoryConfig config, LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    var hikari = new HikariConfig();
    hikari.setPoolName("history");
    hikari.setJdbcUrl(config.jdbcUrl());
    hikari.setUsername(config.user());
    hikari.setPassword(config.password());
    hikari.setMaximumPoolSize(config.poolSize());
    hikari.setMinimumIdle(1);
    hikari.setConnectionTimeout(PATIENCE_MS);
    hikari.setValidationTimeout(PATIENCE_MS / 2);
    hikari.setInitializationFailTimeout(-1);
    hikari.addDataSourceProperty("ApplicationName", "millrace-publisher");
    hikari.addDataSourceProperty("connectTimeout", "2");
    hikari.addDataSourceProperty("socketTimeout", "20");
    hikari.addDataSourceProperty("tcpKeepAlive", "true");
    pool = new HikariDataSource(hikari);
    jdbi = Jdbi.create(pool);
  }

  /// Brings the schema up to date; many instances may do it at once.
  public void migrate() {
    var flyway =
        Flyway.configure(PostgresDatabase.class.getClassLoader())
            .dataSource(pool)
            .locations("classpath:db/migration")
            .load();
    var _ = flyway.migrate();
    cursorKey = secret(CURSOR_KEY);
  }

  public boolean migrated() {
    return cursorKey != null;
  }

  /// The key that cursors are signed with.
  ///
  /// @throws HistoryUnavailableException before the database was reached for the first time
  public byte[] cursorKey() {
    byte[] key = cursorKey;
    if (key == null) {
      throw new HistoryUnavailableException(
          "the history database was not reached yet", new IllegalStateException("not migrated"));
    }
    return key;
  }

  /// Asks the database.
  ///
  /// @throws HistoryUnavailableException when it cannot be reached, or could not a moment ago
  public <T extends @Nullable Object> T read(HandleCallback<T, RuntimeException> question) {
    refuseWhileBroken();
    try {
      T answer = jdbi.withHandle(question);
      brokenAt = null;
      return answer;
    } catch (ConnectionException e) {
      brokenAt = nanoTime.getAsLong();
      throw unavailable(e);
    } catch (JdbiException e) {
      throw unavailable(e);
    }
  }

  /// Writes in one transaction. The writer retries by itself, so it is never refused.
  void write(WriteCallback writes) {
    jdbi.useTransaction(writes::writeWith);
  }

  /// How long a question takes, ms.
  public long ping() {
    long begun = nanoTime.getAsLong();
    var _ = read(handle -> handle.createQuery("select 1").mapTo(Integer.class).one());
    return Duration.ofNanos(nanoTime.getAsLong() - begun).toMillis();
  }

  @Override
  public void close() {
    pool.close();
  }

  private void refuseWhileBroken() {
    Long broken = brokenAt;
    if (broken != null && nanoTime.getAsLong() - broken < BREAK_NANOS) {
      throw new HistoryUnavailableException(
          "the history database could not be reached a moment ago",
          new IllegalStateException("breaker open"));
    }
  }

  private static HistoryUnavailableException unavailable(JdbiException e) {
    return new HistoryUnavailableException(
        "the history database does not answer: " + e.getMessage(), e);
  }

  private byte[] secret(String name) {
    var fresh = new byte[32];
    new SecureRandom().nextBytes(fresh);
    return jdbi.inTransaction(handle -> {
      handle.createUpdate(KEEP_SECRET).bind("name", name).bind("value", fresh).execute();
      return handle.createQuery(READ_SECRET).bind("name", name).mapTo(byte[].class).one();
    });
  }

  /// What to do in a transaction.
  interface WriteCallback {
    void writeWith(Handle handle);
  }
}
