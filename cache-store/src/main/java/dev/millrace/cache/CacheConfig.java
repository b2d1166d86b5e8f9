package dev.millrace.cache;

import dev.millrace.cache.eviction.Budget;
import dev.millrace.cache.eviction.EvictionPolicy;
import dev.millrace.cache.layers.ResultCache;
import dev.millrace.runtime.CommonConfig;
import dev.millrace.runtime.KeyFile;
import dev.millrace.runtime.Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.LambdaValidator;
import org.apache.kafka.common.config.ConfigDef.NonEmptyString;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.ValidString;
import org.apache.kafka.common.config.ConfigException;

/// What an operator can set of the cache-store.
///
/// @param stateDir where the stores lie; every instance needs its own
/// @param dedupeWindow how long a request is recognised when it comes again; above the retention of
///   the request topics, so that a replay of all of them makes no second run
/// @param commitInterval the longest a transaction collects
/// @param eviction which answer goes when room is needed
/// @param budget what all partitions may hold together
/// @param memory what is kept above the stores
/// @param policies file of cache policies that win over the shipped ones
/// @param dictionaries folder of compression dictionaries
/// @param keys file of the keys that results are encrypted with; empty: none is
/// @param key names the one that encrypts; empty: the last
/// @param threshold the least cost score of an answer that is kept
/// @param waiters how many requests may wait for one job
/// @param readHost where the read port listens, and the name others reach it by
/// @param readPort 0: any free one
/// @param values the key/value cache
public record CacheConfig(
    Path stateDir,
    Duration dedupeWindow,
    Duration commitInterval,
    int threads,
    int standbys,
    EvictionPolicy eviction,
    Budget budget,
    ResultCache.Sizes memory,
    Optional<Path> policies,
    Path dictionaries,
    Optional<Path> keys,
    String key,
    int threshold,
    int waiters,
    String readHost,
    int readPort,
    ValuesConfig values) {

  public static final String STATE_DIR = "state.dir";
  public static final String DEDUPE_WINDOW = "cache.dedupe.window.ms";
  public static final String COMMIT_INTERVAL = "cache.commit.interval.ms";
  public static final String THREADS = "cache.threads";
  public static final String STANDBYS = "cache.standby.replicas";
  public static final String EVICTION_POLICY = "cache.eviction.policy";
  public static final String MAX_ENTRIES = "cache.max.entries";
  public static final String MAX_BYTES = "cache.max.bytes";
  public static final String MEMORY_HEAP_ENTRIES = "cache.memory.heap.entries";
  public static final String MEMORY_OFF_HEAP_BYTES = "cache.memory.off.heap.bytes";
  public static final String POLICIES = "cache.policies.file";
  public static final String DICTIONARIES = "cache.dictionaries.dir";
  public static final String KEYS = "cache.encryption.keys";
  public static final String KEY = "cache.encryption.key";
  public static final String THRESHOLD = "cache.threshold";
  public static final String WAITERS = "cache.waiters.max";
  public static final String READ_HOST = "cache.read.host";
  public static final String READ_PORT = "cache.read.port";
  public static final String VALUES_DEDUPE_WINDOW = "cache.values.dedupe.window.ms";
  public static final String VALUES_MAX_ENTRIES = "cache.values.max.entries";

  /// What an operator can set of the key/value cache.
  ///
  /// @param dedupeWindow how long a command that changes something is recognised when it comes
  ///   again
  /// @param maxEntries the most values of one partition
  public record ValuesConfig(Duration dedupeWindow, long maxEntries) {}

  private static final long LEAST_MEMORY = 1024 * 1024;
  private static final Duration LEAST_WINDOW = Duration.ofDays(8);

  public static ConfigDef def() {
    return CommonConfig.def()
        .define(
            STATE_DIR,
            Type.STRING,
            ".millrace/state",
            Importance.HIGH,
            "Folder of the ledger's stores. Each instance needs its own, on a disk that is kept.")
        .define(
            DEDUPE_WINDOW,
            Type.LONG,
            LEAST_WINDOW.toMillis(),
            Range.atLeast(LEAST_WINDOW.toMillis()),
            Importance.LOW,
            "How long a request is recognised when it comes again. At least the retention of the"
                + " request topics and a day.")
        .define(
            COMMIT_INTERVAL,
            Type.LONG,
            50L,
            Range.between(1, 1_000),
            Importance.MEDIUM,
            "The longest the ledger collects into one transaction. It commits sooner when nothing"
                + " more is at hand.")
        .define(
            THREADS,
            Type.INT,
            1,
            Range.between(1, 64),
            Importance.MEDIUM,
            "Threads that share this instance's partitions.")
        .define(
            STANDBYS,
            Type.INT,
            0,
            Range.between(0, 3),
            Importance.MEDIUM,
            "Copies of each partition's stores that other instances keep warm.")
        .define(
            EVICTION_POLICY,
            Type.STRING,
            EvictionPolicy.COST_AWARE.id(),
            ValidString.in(EvictionPolicy.ids().toArray(String[]::new)),
            Importance.MEDIUM,
            "Which answers go when room is needed. cost-aware keeps what took long to compute, is"
                + " small and is often asked; ./millrace cache simulate compares them.")
        .define(
            MAX_ENTRIES,
            Type.LONG,
            500_000L,
            Range.atLeast(1),
            Importance.MEDIUM,
            "Answers kept over all partitions, each of which has an equal share. An answer takes"
                + " about 100 bytes of heap where its partition is, the rest is on disk.")
        .define(
            MAX_BYTES,
            Type.LONG,
            4L * 1024 * 1024 * 1024,
            Range.atLeast(1024 * 1024),
            Importance.MEDIUM,
            "Bytes of the answers kept over all partitions, results in the blob store not"
                + " counted. The disk needs several times as much.")
        .define(
            MEMORY_HEAP_ENTRIES,
            Type.INT,
            1_000,
            Range.between(0, 1_000_000),
            Importance.MEDIUM,
            "Results that were asked for, kept on the heap; each has up to 64 KiB. 0: none.")
        .define(
            MEMORY_OFF_HEAP_BYTES,
            Type.LONG,
            64L * LEAST_MEMORY,
            LambdaValidator.with(CacheConfig::checkMemory, () -> "0, or at least " + LEAST_MEMORY),
            Importance.MEDIUM,
            "Bytes outside the heap where results that were asked for are kept. Taken at the start,"
                + " and counted to -XX:MaxDirectMemorySize. 0: none.")
        .define(
            POLICIES,
            Type.STRING,
            "",
            Importance.LOW,
            "JSON file of cache policies, name to ttl or ttlMs, that win over the shipped ones."
                + " Empty: only those.")
        .define(
            DICTIONARIES,
            Type.STRING,
            ".millrace/dictionaries",
            Importance.LOW,
            "Folder of compression dictionaries, made by ./millrace cache train. Every instance"
                + " needs the same; a result is lost with the one it was written with.")
        .define(
            KEYS,
            Type.STRING,
            "",
            KeyFile.SETTING,
            Importance.LOW,
            "File of the keys that stored results are encrypted with, a line <name>=<base64 of 32"
                + " bytes> each. All decrypt. Empty: nothing is encrypted.")
        .define(
            KEY,
            Type.STRING,
            "",
            Importance.LOW,
            "Name of the key that encrypts. Empty: the last in the file.")
        .define(
            THRESHOLD,
            Type.INT,
            50,
            Range.between(0, 100),
            Importance.MEDIUM,
            "The least cost score (costScore of the type: for a simulation by scenarios, external"
                + " data and horizon) of an answer that is kept. 0: all are.")
        .define(
            WAITERS,
            Type.INT,
            100_000,
            Range.between(1, 1_000_000),
            Importance.LOW,
            "How many requests may wait for one job; a further one fails with TOO_MANY_WAITERS.")
        .define(
            READ_HOST,
            Type.STRING,
            "127.0.0.1",
            new NonEmptyString(),
            Importance.MEDIUM,
            "Address the read port listens on, and by which publishers reach it. It asks nobody who"
                + " they are: beyond loopback only where all are trusted.")
        .define(
            READ_PORT,
            Type.INT,
            0,
            Range.between(0, 65_535),
            Importance.LOW,
            "Port where publishers look up answers; 0 takes any free one.")
        .define(
            VALUES_DEDUPE_WINDOW,
            Type.LONG,
            Duration.ofHours(25).toMillis(),
            Range.atLeast(Duration.ofMinutes(1).toMillis()),
            Importance.LOW,
            "How long a command that changes values is recognised when it comes again. Below the"
                + " retention of values.commands, a replay of that topic counts again.")
        .define(
            VALUES_MAX_ENTRIES,
            Type.LONG,
            1_000_000L,
            Range.atLeast(1),
            Importance.MEDIUM,
            "Values that one partition keeps at most. The one that would expire next makes room.");
  }

  public static CacheConfig of(Settings settings) {
    return new CacheConfig(
        settings.path(STATE_DIR),
        settings.duration(DEDUPE_WINDOW),
        settings.duration(COMMIT_INTERVAL),
        settings.number(THREADS),
        settings.number(STANDBYS),
        EvictionPolicy.of(settings.text(EVICTION_POLICY)),
        new Budget(settings.count(MAX_ENTRIES), settings.count(MAX_BYTES)),
        new ResultCache.Sizes(
            settings.number(MEMORY_HEAP_ENTRIES), settings.count(MEMORY_OFF_HEAP_BYTES)),
        settings.optionalPath(POLICIES),
        settings.path(DICTIONARIES),
        settings.optionalPath(KEYS),
        settings.text(KEY),
        settings.number(THRESHOLD),
        settings.number(WAITERS),
        settings.text(READ_HOST),
        settings.number(READ_PORT),
        new ValuesConfig(
            settings.duration(VALUES_DEDUPE_WINDOW), settings.count(VALUES_MAX_ENTRIES)));
  }

  private static void checkMemory(String key, Object value) {
    if (value instanceof Long bytes && bytes != 0 && bytes < LEAST_MEMORY) {
      throw new ConfigException(key, value, "Value must be 0 or at least " + LEAST_MEMORY);
    }
  }
}
