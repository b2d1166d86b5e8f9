package dev.millrace.contracts;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.common.config.TopicConfig;

/// One topic of the contract: its name, what a record on it is, and how the broker keeps it.
///
/// @param name the full name, prefix included
/// @param key what the key of a record is, for people
/// @param serde of the value
/// @param schema names the JSON Schema of the value in the header `schema`: `progress/1` is
///   `schemas/progress-1.json`; empty where anything may stand
/// @param single whether it has exactly one partition; the others share the partition count setting
/// @param hashKeyed whether a record's partition follows from a request hash or is a ledger
///   partition; a changed partition count of such a topic stops the services
/// @param retention how long records stay; zero for a compacted topic
/// @param maxBytes the largest batch the broker takes
/// @param foreign whether anyone outside produces to it; the broker then refuses compressed batches
public record Topic<V>(
    String name,
    String key,
    JsonSerde<V> serde,
    String schema,
    boolean single,
    boolean hashKeyed,
    Duration retention,
    int maxBytes,
    boolean foreign) {

  public boolean compacted() {
    return retention.isZero();
  }

  public int partitions(int partitions) {
    return single ? 1 : partitions;
  }

  /// The topic's configuration as the broker must have it.
  public Map<String, String> config() {
    var config = new LinkedHashMap<String, String>();
    config.put(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, "LogAppendTime");
    config.put(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(maxBytes));
    config.put(TopicConfig.COMPRESSION_TYPE_CONFIG, foreign ? "uncompressed" : "producer");
    if (compacted()) {
      config.put(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT);
    } else {
      config.put(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_DELETE);
      config.put(TopicConfig.RETENTION_MS_CONFIG, Long.toString(retention.toMillis()));
    }
    return config;
  }
}
