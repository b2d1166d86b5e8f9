package dev.millrace.publisher;

import dev.millrace.publisher.history.HistoryConfig;
import dev.millrace.publisher.http.HttpConfig;
import dev.millrace.publisher.sse.StreamConfig;
import dev.millrace.runtime.CommonConfig;
import dev.millrace.runtime.PrivacyConfig;
import dev.millrace.runtime.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.LambdaValidator;
import org.apache.kafka.common.config.ConfigDef.NonEmptyString;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigException;

/// All settings of the publisher.
///
/// @param warmUp file of the requests whose answers are to be known after the start
public record PublisherConfig(
    HttpConfig http, StreamConfig streams, HistoryConfig history, Optional<Path> warmUp) {

  public static final String HTTP_HOST = "http.host";
  public static final String HTTP_PORT = "http.port";
  public static final String HTTP_ALLOW_REMOTE = "http.allow.remote";
  public static final String HTTP_BODY_MAX_BYTES = "http.body.max.bytes";
  public static final String HTTP_WAIT_MAX_MS = "http.wait.max.ms";
  public static final String STREAMS_MAX = "http.streams.max";
  public static final String STREAMS_KEEP_ALIVE_MS = "http.streams.keep.alive.ms";
  public static final String STREAMS_STALE_MS = "http.streams.stale.ms";
  public static final String HISTORY_URL = "history.jdbc.url";
  public static final String HISTORY_USER = "history.jdbc.user";
  public static final String HISTORY_PASSWORD = "history.jdbc.password";
  public static final String HISTORY_POOL_SIZE = "history.pool.size";
  public static final String HISTORY_BATCH_MAX = "history.batch.max";
  public static final String WARM_UP_FILE = "warm.up.file";

  public static ConfigDef def() {
    return PrivacyConfig.define(CommonConfig.def())
        .define(
            HTTP_HOST,
            Type.STRING,
            "127.0.0.1",
            new NonEmptyString(),
            Importance.HIGH,
            "Address the HTTP door listens on. Beyond loopback only with http.allow.remote.")
        .define(
            HTTP_PORT,
            Type.INT,
            8080,
            Range.between(0, 65_535),
            Importance.HIGH,
            "Port of the HTTP door; 0 takes any free one.")
        .define(
            HTTP_ALLOW_REMOTE,
            Type.BOOLEAN,
            false,
            Importance.MEDIUM,
            "Let the door be reached from other machines, although it asks nobody who they are.")
        .define(
            HTTP_BODY_MAX_BYTES,
            Type.INT,
            256 * 1024,
            Range.between(1_024, 256 * 1024),
            Importance.LOW,
            "Longest body of a call; a request on a topic may have 256 KiB.")
        .define(
            HTTP_WAIT_MAX_MS,
            Type.LONG,
            60_000L,
            Range.between(1_000, 600_000),
            Importance.LOW,
            "Longest time a call may wait for its completion (Prefer: wait).")
        .define(
            STREAMS_MAX,
            Type.INT,
            10_000,
            Range.between(1, 1_000_000),
            Importance.LOW,
            "Event streams open at once.")
        .define(
            STREAMS_KEEP_ALIVE_MS,
            Type.LONG,
            30_000L,
            Range.between(100, 300_000),
            Importance.LOW,
            "Between two comments that keep an event stream open.")
        .define(
            STREAMS_STALE_MS,
            Type.LONG,
            300_000L,
            Range.between(1_000, 3_600_000),
            Importance.LOW,
            "After which an event stream that takes nothing is closed.")
        .define(
            HISTORY_URL,
            Type.STRING,
            "jdbc:postgresql://localhost:5432/millrace",
            new NonEmptyString(),
            Importance.HIGH,
            "The PostgreSQL database of the history.")
        .define(HISTORY_USER, Type.STRING, "millrace", Importance.HIGH, "Its user.")
        .define(
            HISTORY_PASSWORD,
            Type.PASSWORD,
            "",
            Importance.HIGH,
            "The user's password, best by reference such as ${env:DB_PASSWORD}.")
        .define(
            HISTORY_POOL_SIZE,
            Type.INT,
            8,
            Range.between(2, 100),
            Importance.MEDIUM,
            "Connections to the history database at most.")
        .define(
            HISTORY_BATCH_MAX,
            Type.INT,
            1_000,
            Range.between(1, 5_000),
            Importance.LOW,
            "Records written to the history in one transaction at most.")
        .define(
            WARM_UP_FILE,
            Type.STRING,
            "",
            LambdaValidator.with(
                PublisherConfig::checkReadable, () -> "that names a file, or empty"),
            Importance.LOW,
            "File of requests, as cache warm-up takes it, whose answers are to be known after the"
                + " start; see docs/caching.md.");
  }

  private static void checkReadable(String name, Object value) {
    var file = String.valueOf(value);
    if (file.isEmpty()) {
      return;
    }
    var path = Path.of(file);
    if (!Files.exists(path)) {
      throw new ConfigException(name, file, "there is no such file");
    }
    if (!Files.isRegularFile(path) || !Files.isReadable(path)) {
      throw new ConfigException(name, file, "it is not a file that can be read");
    }
  }

  public static PublisherConfig from(Settings settings) {
    return new PublisherConfig(
        new HttpConfig(
            settings.text(HTTP_HOST),
            settings.number(HTTP_PORT),
            settings.flag(HTTP_ALLOW_REMOTE),
            settings.number(HTTP_BODY_MAX_BYTES),
            settings.duration(HTTP_WAIT_MAX_MS)),
        new StreamConfig(
            settings.number(STREAMS_MAX),
            settings.duration(STREAMS_KEEP_ALIVE_MS),
            settings.duration(STREAMS_STALE_MS)),
        new HistoryConfig(
            settings.text(HISTORY_URL),
            settings.text(HISTORY_USER),
            settings.secret(HISTORY_PASSWORD).orElse(""),
            settings.number(HISTORY_POOL_SIZE),
            settings.number(HISTORY_BATCH_MAX)),
        settings.optionalPath(WARM_UP_FILE));
  }
}
