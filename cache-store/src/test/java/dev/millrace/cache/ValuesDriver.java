package dev.millrace.cache;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.cache.codec.Dictionaries;
import dev.millrace.cache.codec.Keys;
import dev.millrace.cache.codec.ResultCodec;
import dev.millrace.cache.eviction.Budget;
import dev.millrace.cache.eviction.EvictionPolicy;
import dev.millrace.cache.layers.ResultCache;
import dev.millrace.cache.ledger.Ledger;
import dev.millrace.cache.ledger.LedgerReads;
import dev.millrace.cache.values.ValueSettings;
import dev.millrace.contracts.CurrentValue;
import dev.millrace.contracts.Origin;
import dev.millrace.contracts.Tier;
import dev.millrace.contracts.Topics;
import dev.millrace.contracts.ValueCommand;
import dev.millrace.contracts.ValueReply;
import dev.millrace.runtime.Resources;
import dev.millrace.runtime.request.CachePolicies;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;

/// The real topology of one partition of the key/value cache, with a hand-moved clock.
final class ValuesDriver implements AutoCloseable {

  static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  static final Duration WINDOW = Duration.ofHours(25);

  private final Topics topics = new Topics("millrace.");
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final Topology topology;
  private final TopologyTestDriver driver;
  private final TestInputTopic<byte[], byte[]> admitted;
  private final TestOutputTopic<byte[], ValueReply> replies;
  private final TestOutputTopic<String, @Nullable CurrentValue> current;
  private long millis;
  private long offset;

  ValuesDriver(int partitions) {
    var resources =
        new Resources(
            () -> START.plusMillis(millis), () -> millis * 1_000_000, new Random(1), meters);
    topology =
        CacheTopology.build(
            topics,
            new Ledger.LedgerSettings(
                Duration.ofDays(8),
                partitions,
                EvictionPolicy.COST_AWARE,
                new Budget(1_000_000, 1_000_000_000),
                new Ledger.LedgerSettings.Limits(50, 100_000),
                new ResultCodec(Dictionaries.NONE, Keys.NONE, resources.meters()),
                ResultCache.open(ResultCache.Sizes.NONE, resources),
                (_, _) -> false,
                new NothingShared(),
                new LedgerReads(partitions, resources),
                null),
            new ValueSettings(CachePolicies.load(null), WINDOW, 1_000, partitions),
            new GroupCommit(resources.nanoTime()),
            resources,
            false);
    var properties = new Properties();
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "values-test");
    properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "nowhere:1");
    driver = new TopologyTestDriver(topology, properties, START);
    admitted =
        driver.createInputTopic(
            topics.admittedValueCommands().name(),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    replies =
        driver.createOutputTopic(
            topics.valueReplies().name(),
            new ByteArrayDeserializer(),
            topics.valueReplies().serde().deserializer());
    current =
        driver.createOutputTopic(
            topics.values().name(),
            new StringDeserializer(),
            topics.values().serde().deserializer());
  }

  private static final class NothingShared implements Ledger.LedgerSettings.Shared {
    @Override
    public boolean paused(Tier lane) {
      return false;
    }

    @Override
    public long incarnation(int partition) {
      return -1;
    }
  }

  Topology topology() {
    return topology;
  }

  Instant now() {
    return START.plusMillis(millis);
  }

  /// Moves the clock and lets the sweep run.
  void pass(Duration time) {
    millis += time.toMillis();
    driver.advanceWallClockTime(time);
  }

  /// Moves the clock without letting any punctuation run.
  void passUnseen(Duration time) {
    millis += time.toMillis();
  }

  ValueReply send(String json) {
    return send(topics.valueCommands().serde().read(json.replace('\'', '"').getBytes(UTF_8)));
  }

  /// Delivers a command and takes its one reply.
  ValueReply send(ValueCommand command) {
    var id = command.commandId() == null ? "c-" + offset : command.commandId();
    put(command.admitted(id, new Origin("v", 0, offset++)));
    return replies.readValue();
  }

  void put(ValueCommand command) {
    raw(topics.admittedValueCommands().serde().write(command));
  }

  void raw(byte[] value) {
    admitted.pipeInput("0".getBytes(UTF_8), value);
  }

  List<ValueReply> replies() {
    return replies.readValuesToList();
  }

  /// What the compacted topic would hold, folded over all that was written to it.
  Map<String, CurrentValue> current(Map<String, CurrentValue> before) {
    var folded = new HashMap<>(before);
    for (var record : current.readRecordsToList()) {
      if (record.value() == null) {
        folded.remove(record.key());
      } else {
        folded.put(record.key(), record.value());
      }
    }
    return folded;
  }

  List<TestRecord<byte[], byte[]>> rejected() {
    return driver
        .createOutputTopic(
            topics.rejected().name(), new ByteArrayDeserializer(), new ByteArrayDeserializer())
        .readRecordsToList();
  }

  /// The keys of the rows of a kind, without its code.
  List<String> rows(char kind) {
    var keys = new ArrayList<String>();
    try (var rows = driver.<Bytes, byte[]>getKeyValueStore("values").all()) {
      rows.forEachRemaining(row -> keys.add(new String(row.key.get(), UTF_8)));
    }
    return keys.stream().filter(key -> key.charAt(0) == kind).map(key -> key.substring(1)).toList();
  }

  double meter(String name, String label, String value) {
    return meters.find(name).tag(label, value).meters().stream()
        .mapToDouble(meter -> meter.measure().iterator().next().getValue())
        .sum();
  }

  @Override
  public void close() {
    driver.close();
  }
}
