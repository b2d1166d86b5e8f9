package dev.millrace.cache;

import dev.millrace.cache.ledger.Ledger;
import dev.millrace.cache.values.ValueSettings;
import dev.millrace.cache.values.Values;
import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.Tier;
import dev.millrace.contracts.Topic;
import dev.millrace.contracts.Topics;
import dev.millrace.contracts.ValueKey;
import dev.millrace.runtime.Ranking;
import dev.millrace.runtime.Resources;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.AutoOffsetReset;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.StreamPartitioner;
import org.apache.kafka.streams.processor.TimestampExtractor;

/// One task per partition of the hash: everything about a hash happens in one place, in one
/// transaction. Beside it, and sharing nothing with it, one task per partition of the key/value
/// cache.
///
/// ```
/// requests.admitted.* ──┐            ┌──▶ jobs.*, jobs.retry.*, jobs.dead-letters
/// commands.admitted ────┼─▶ ledger ──┼──▶ decisions, completions, jobs.progress, jobs.control
/// jobs.outcomes ────────┘     │      └──▶ jobs.outcomes (checks), receipts, settings, alerts
///                        its stores
///
/// values.admitted ────────▶ values ────▶ values.replies, values
///                              │
///                          its stores
/// ```
final class CacheTopology {

  static final String LEDGER = "ledger";
  static final String VALUES = "values";

  /// The ledger's number among the sub-topologies.
  static final int LEDGER_NUMBER = 0;

  private CacheTopology() {}

  /// @param persistent whether the stores are on disk
  static Topology build(
      Topics topics,
      Ledger.LedgerSettings settings,
      ValueSettings valueSettings,
      GroupCommit group,
      Resources resources,
      boolean persistent) {
    var topology = new Topology();
    ledger(topology, topics, settings, group, resources, persistent);
    values(topology, topics, valueSettings, group, resources, persistent);
    return topology;
  }

  private static void ledger(
      Topology topology,
      Topics topics,
      Ledger.LedgerSettings settings,
      GroupCommit group,
      Resources resources,
      boolean persistent) {
    var ranking = new Ranking();
    source(topology, topics.outcomes(), ranking.first());
    source(topology, topics.admittedCommands(), ranking.first());
    for (var tier : Tier.values()) {
      source(topology, topics.admitted(tier), ranking.tier(tier));
    }
    topology.addProcessor(
        LEDGER,
        group.around(Ledger.supplier(topics, settings, ranking, resources, persistent)),
        sources(topics));
    for (var sink : Ledger.hashedSinks(topics)) {
      topology.addSink(
          sink.name(),
          sink.name(),
          new ByteArraySerializer(),
          new ByteArraySerializer(),
          byHash(),
          LEDGER);
    }
    for (var sink : Ledger.otherSinks(topics)) {
      topology.addSink(
          sink.name(), sink.name(), new ByteArraySerializer(), new ByteArraySerializer(), LEDGER);
    }
  }

  private static void values(
      Topology topology,
      Topics topics,
      ValueSettings settings,
      GroupCommit group,
      Resources resources,
      boolean persistent) {
    source(topology, topics.admittedValueCommands(), new Ranking().first());
    topology.addProcessor(
        VALUES,
        group.around(Values.supplier(topics, settings, resources, persistent)),
        "from-" + topics.admittedValueCommands().name());
    topology.addSink(
        Values.sinkName(topics.values()),
        topics.values().name(),
        new ByteArraySerializer(),
        new ByteArraySerializer(),
        byValueKey(),
        VALUES);
    for (var topic : Values.sinks(topics)) {
      topology.addSink(
          Values.sinkName(topic),
          topic.name(),
          new ByteArraySerializer(),
          new ByteArraySerializer(),
          VALUES);
    }
  }

  private static void source(Topology topology, Topic<?> topic, TimestampExtractor rank) {
    topology.addSource(
        AutoOffsetReset.earliest(),
        "from-" + topic.name(),
        rank,
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer(),
        topic.name());
  }

  private static String[] sources(Topics topics) {
    return new String[] {
      "from-" + topics.outcomes().name(),
      "from-" + topics.admittedCommands().name(),
      "from-" + topics.admitted(Tier.FREE).name(),
      "from-" + topics.admitted(Tier.PRO).name(),
      "from-" + topics.admitted(Tier.ENTERPRISE).name(),
    };
  }

  private static StreamPartitioner<byte[], byte[]> byHash() {
    return (topic, key, value, partitions) -> {
      var hash = RequestHash.of(new String(key, StandardCharsets.US_ASCII));
      return Optional.of(Set.of(hash.partition(partitions)));
    };
  }

  private static StreamPartitioner<byte[], byte[]> byValueKey() {
    return (topic, key, value, partitions) -> {
      var valueKey = ValueKey.of(new String(key, StandardCharsets.US_ASCII));
      return Optional.of(Set.of(valueKey.partition(partitions)));
    };
  }
}
