package dev.millrace.standalone;

import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/// Everything the embedded broker is told; what is not here is Kafka's default.
final class BrokerProperties {

  static final int NODE_ID = 1;

  /// There is nobody to replicate to.
  private static final Map<String, String> ONE_NODE =
      Map.ofEntries(
          Map.entry("default.replication.factor", "1"),
          Map.entry("min.insync.replicas", "1"),
          Map.entry("offsets.topic.replication.factor", "1"),
          Map.entry("offsets.topic.num.partitions", "4"),
          Map.entry("transaction.state.log.replication.factor", "1"),
          Map.entry("transaction.state.log.min.isr", "1"),
          Map.entry("transaction.state.log.num.partitions", "4"),
          Map.entry("share.coordinator.state.topic.replication.factor", "1"),
          Map.entry("share.coordinator.state.topic.min.isr", "1"),
          Map.entry("share.coordinator.state.topic.num.partitions", "4"));

  /// A batch of 2 MiB, the contract's largest, fits every topic, changelogs included. Offsets
  /// outlive the records (7 days) of a folder that was left alone for a while.
  private static final Map<String, String> TOPICS_AND_FILES =
      Map.ofEntries(
          Map.entry("auto.create.topics.enable", "false"),
          Map.entry("num.partitions", "4"),
          Map.entry("message.max.bytes", "4194304"),
          Map.entry("log.retention.hours", "168"),
          Map.entry("offsets.retention.minutes", "43200"),
          Map.entry("log.segment.bytes", "67108864"),
          Map.entry("log.index.size.max.bytes", "1048576"));

  /// The ledger commits many times a second when it is busy, and every commit leaves records on
  /// Kafka's own topics. They are read to the end at each start, and only closed segments are
  /// compacted: with the default of 100 MB a start takes longer and longer.
  private static final Map<String, String> SHORT_INTERNAL_TOPICS =
      Map.ofEntries(
          Map.entry("offsets.topic.segment.bytes", "2097152"),
          Map.entry("transaction.state.log.segment.bytes", "2097152"),
          Map.entry("share.coordinator.state.topic.segment.bytes", "2097152"));

  private static final Map<String, String> SMALL_MACHINE =
      Map.ofEntries(
          Map.entry("num.network.threads", "2"),
          Map.entry("num.io.threads", "4"),
          Map.entry("background.threads", "2"),
          Map.entry("group.coordinator.threads", "2"),
          Map.entry("group.coordinator.background.threads", "1"),
          Map.entry("log.cleaner.dedupe.buffer.size", "4194304"));

  /// After a killed process the controller refuses the broker until its last session has run out,
  /// after 9 s by default. Much shorter, and a starved machine fences its own broker.
  private static final Map<String, String> QUICK_RECOVERY =
      Map.ofEntries(
          Map.entry("broker.heartbeat.interval.ms", "500"),
          Map.entry("broker.session.timeout.ms", "6000"));

  /// Kafka's waits (5 s heartbeats, 3 s before the first assignment) suit large clusters.
  private static final Map<String, String> QUICK_GROUPS =
      Map.ofEntries(
          Map.entry("group.initial.rebalance.delay.ms", "0"),
          Map.entry("group.streams.initial.rebalance.delay.ms", "0"),
          Map.entry("group.consumer.assignment.interval.ms", "0"),
          Map.entry("group.share.assignment.interval.ms", "0"),
          Map.entry("group.streams.assignment.interval.ms", "0"),
          Map.entry("group.consumer.min.heartbeat.interval.ms", "500"),
          Map.entry("group.consumer.heartbeat.interval.ms", "1000"),
          Map.entry("group.consumer.min.session.timeout.ms", "3000"),
          Map.entry("group.consumer.session.timeout.ms", "6000"),
          Map.entry("group.share.min.heartbeat.interval.ms", "500"),
          Map.entry("group.share.heartbeat.interval.ms", "500"),
          Map.entry("group.streams.min.heartbeat.interval.ms", "500"),
          Map.entry("group.streams.heartbeat.interval.ms", "500"),
          Map.entry("group.share.min.session.timeout.ms", "3000"),
          Map.entry("group.share.session.timeout.ms", "6000"),
          Map.entry("group.streams.min.session.timeout.ms", "3000"),
          Map.entry("group.streams.session.timeout.ms", "6000"));

  /// A held record belongs to a connection, so an idle connection is not cut for a year. (Never,
  /// -1, would also be how long the broker waits for its controller to keep an access control list:
  /// it would always be too late.) One member per worker slot needs large groups.
  private static final Map<String, String> SHARE_GROUPS =
      Map.ofEntries(
          Map.entry("connections.max.idle.ms", "31536000000"),
          Map.entry("group.share.max.size", "1000"),
          Map.entry("group.share.max.share.sessions", "4000"),
          Map.entry("group.share.delivery.count.limit", "10"),
          Map.entry("group.share.max.delivery.count.limit", "25"),
          Map.entry("group.share.partition.max.record.locks", "4000"),
          Map.entry("group.share.max.partition.max.record.locks", "10000"),
          Map.entry("group.share.min.record.lock.duration.ms", "1000"),
          Map.entry("group.share.max.record.lock.duration.ms", "3600000"));

  private BrokerProperties() {}

  static Map<String, String> of(Path logDir, int brokerPort, int controllerPort) {
    var listeners =
        "CLIENTS://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d".formatted(brokerPort, controllerPort);
    var properties =
        new TreeMap<>(
            Map.ofEntries(
                Map.entry("node.id", Integer.toString(NODE_ID)),
                Map.entry("process.roles", "broker,controller"),
                Map.entry("listeners", listeners),
                Map.entry("advertised.listeners", listeners),
                Map.entry("controller.listener.names", "CONTROLLER"),
                Map.entry("inter.broker.listener.name", "CLIENTS"),
                Map.entry(
                    "listener.security.protocol.map", "CLIENTS:PLAINTEXT,CONTROLLER:PLAINTEXT"),
                Map.entry("controller.quorum.voters", NODE_ID + "@127.0.0.1:" + controllerPort),
                Map.entry("log.dirs", logDir.toString())));
    properties.putAll(ONE_NODE);
    properties.putAll(TOPICS_AND_FILES);
    properties.putAll(SHORT_INTERNAL_TOPICS);
    properties.putAll(SMALL_MACHINE);
    properties.putAll(QUICK_RECOVERY);
    properties.putAll(QUICK_GROUPS);
    properties.putAll(SHARE_GROUPS);
    return properties;
  }
}
