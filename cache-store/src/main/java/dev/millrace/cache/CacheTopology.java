package dev.millrace.cache;

import dev.millrace.cache.ledger.Ledger;
import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.Tier;
import dev.millrace.contracts.Topic;
import dev.millrace.contracts.Topics;
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

/// One sub-topology, one task per partition of the hash: everything about a hash happens in one
/// place, in one transaction.
///
/// ```
/// requests.admitted.* ──┐            ┌──▶ jobs.*, jobs.retry.*, jobs.dead-letters
/// commands.admitted ────┼─▶ ledger ──┼──▶ decisions, completions, jobs.progress, jobs.control
/// jobs.outcomes ────────┘     │      └──▶ jobs.outcomes (checks), receipts, settings, alerts
///                        its stores
/// ```
final class CacheTopology {

  static final String LEDGER = "ledger";

  private CacheTopology() {}

  /// @param persistent whether the stores are on disk
  static Topology build(
      Topics topics, Ledger.LedgerSettings settings, Resources resources, boolean persistent) {
    var ranking = new Ranking();
    var topology = new Topology();
    source(topology, topics.outcomes(), ranking.first());
    source(topology, topics.admittedCommands(), ranking.first());
    for (var tier : Tier.values()) {
      source(topology, topics.admitted(tier), ranking.tier(tier));
    }
    topology.addProcessor(
        LEDGER, Ledger.supplier(topics, settings, ranking, resources, persistent), sources(topics));
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
    return topology;
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
}
