package dev.millrace.runtime;

import dev.millrace.contracts.Topics;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;

/// The keys all services share.
public final class CommonConfig {

  public static final String BOOTSTRAP_SERVERS = "bootstrap.servers";
  public static final String TOPIC_PREFIX = "topic.prefix";
  public static final String TOPIC_PARTITIONS = "topic.partitions";
  public static final String TOPIC_REPLICATION = "topic.replication.factor";
  public static final String BLOBS_DIR = "blobs.dir";
  public static final String TYPES_DIR = "types.dir";

  private CommonConfig() {}

  public static ConfigDef def() {
    return new ConfigDef()
        .define(
            BOOTSTRAP_SERVERS,
            Type.STRING,
            "localhost:9092",
            Importance.HIGH,
            "Where the Kafka cluster is, host:port separated by commas.")
        .define(
            TOPIC_PREFIX,
            Type.STRING,
            Topics.DEFAULT_PREFIX,
            Importance.LOW,
            "What every topic name starts with. Also the start of consumer group names when"
                + " changed.")
        .define(
            TOPIC_PARTITIONS,
            Type.INT,
            4,
            Range.between(1, 1024),
            Importance.MEDIUM,
            "Partitions of every topic but the single-partition ones. Fixed once the topics exist.")
        .define(
            TOPIC_REPLICATION,
            Type.INT,
            1,
            Range.between(1, 32),
            Importance.MEDIUM,
            "Replication factor of the topics. Surviving a power loss needs 3.")
        .define(
            BLOBS_DIR,
            Type.STRING,
            ".millrace/blobs",
            Importance.MEDIUM,
            "Folder of results over 64 KiB, shared by workers and publisher.")
        .define(
            TYPES_DIR,
            Type.STRING,
            "",
            Importance.LOW,
            "Folder of further type definitions, one <type>.json each. Empty: only the class"
                + " path.");
  }
}
