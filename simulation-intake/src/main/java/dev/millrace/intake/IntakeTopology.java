package dev.millrace.intake;

import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.Tier;
import dev.millrace.contracts.Topic;
import dev.millrace.contracts.Topics;
import dev.millrace.runtime.Ranking;
import dev.millrace.runtime.Resources;
import dev.millrace.runtime.request.RequestReader;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.AutoOffsetReset;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.StreamPartitioner;
import org.apache.kafka.streams.processor.TimestampExtractor;

/// What anybody sends in, what the ledger may rely on out. Without state: a record that comes twice
/// goes out twice, the same.
///
/// ```
/// requests.* ──▶ admit ─────┬──▶ requests.admitted.* (to the partition of the hash)
///                           └──▶ requests.rejected
/// commands ────▶ broadcast ─┬──▶ commands.admitted (a copy for each ledger partition)
///                           └──▶ requests.rejected, receipts (of commands that are none)
/// values.commands ▶ values ─┬──▶ values.admitted (to the partitions that keep the keys)
///                           └──▶ requests.rejected, values.replies (of commands that are none)
/// ```
final class IntakeTopology {

  /* Sub-topologies that share nothing, not even a sink: of commands there is one partition, and a
  task of a common sub-topology could wait for one that does not exist. */

  static final String ADMIT = "admit";
  static final String BROADCAST = "broadcast";
  static final String VALUES = "values";

  private IntakeTopology() {}

  /// @param topicIds Kafka's own ids of the topics read, by name
  /// @param partitions of the ledger
  static Topology build(
      Topics topics,
      RequestReader reader,
      Function<String, String> topicIds,
      int partitions,
      Resources resources) {
    var ranking = new Ranking();
    var topology = new Topology();
    for (var tier : Tier.values()) {
      source(topology, topics.requests(tier), ranking.tier(tier));
    }
    topology.addProcessor(
        ADMIT,
        () -> new Intake(ADMIT, topics, reader, topicIds, partitions, ranking, resources),
        "from-" + topics.requests(Tier.FREE).name(),
        "from-" + topics.requests(Tier.PRO).name(),
        "from-" + topics.requests(Tier.ENTERPRISE).name());
    for (var tier : Tier.values()) {
      sink(topology, topics.admitted(tier), byHash(), ADMIT);
    }
    sink(topology, topics.rejected(), ADMIT);

    source(topology, topics.commands(), ranking.first());
    topology.addProcessor(
        BROADCAST,
        () -> new Intake(BROADCAST, topics, reader, topicIds, partitions, ranking, resources),
        "from-" + topics.commands().name());
    sink(topology, topics.admittedCommands(), byNumber(), BROADCAST);
    sink(topology, topics.rejected(), BROADCAST);
    sink(topology, topics.receipts(), BROADCAST);

    source(topology, topics.valueCommands(), ranking.first());
    topology.addProcessor(
        VALUES,
        () -> new Intake(VALUES, topics, reader, topicIds, partitions, ranking, resources),
        "from-" + topics.valueCommands().name());
    sink(topology, topics.admittedValueCommands(), byNumber(), VALUES);
    sink(topology, topics.rejected(), VALUES);
    sink(topology, topics.valueReplies(), VALUES);
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

  private static void sink(
      Topology topology,
      Topic<?> topic,
      StreamPartitioner<byte[], byte[]> partitioner,
      String parent) {
    topology.addSink(
        sinkName(parent, topic.name()),
        topic.name(),
        new ByteArraySerializer(),
        new ByteArraySerializer(),
        partitioner,
        parent);
  }

  private static void sink(Topology topology, Topic<?> topic, String parent) {
    topology.addSink(
        sinkName(parent, topic.name()),
        topic.name(),
        new ByteArraySerializer(),
        new ByteArraySerializer(),
        parent);
  }

  /// The name of the sink through which a processor writes to a topic.
  static String sinkName(String processor, String topic) {
    return processor + "-to-" + topic;
  }

  /// The key is a request hash; all its records meet in one ledger partition.
  static StreamPartitioner<byte[], byte[]> byHash() {
    return (topic, key, value, partitions) -> {
      var hash = RequestHash.of(new String(key, StandardCharsets.US_ASCII));
      return Optional.of(Set.of(hash.partition(partitions)));
    };
  }

  /// The key is the partition itself.
  static StreamPartitioner<byte[], byte[]> byNumber() {
    return (topic, key, value, partitions) ->
        Optional.of(Set.of(Integer.parseInt(new String(key, StandardCharsets.US_ASCII))));
  }
}
