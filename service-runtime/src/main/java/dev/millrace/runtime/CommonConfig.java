package dev.millrace.runtime;

import dev.millrace.contracts.Topics;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.LambdaValidator;
import org.apache.kafka.common.config.ConfigDef.NonEmptyString;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigException;

/// The keys all services share.
public final class CommonConfig {

  public static final String BOOTSTRAP_SERVERS = "bootstrap.servers";
  public static final String TOPIC_PREFIX = "topic.prefix";
  public static final String TOPIC_PARTITIONS = "topic.partitions";
  public static final String TOPIC_REPLICATION = "topic.replication.factor";
  public static final String BLOBS_DIR = "blobs.dir";
  public static final String BLOBS_S3_BUCKET = "blobs.s3.bucket";
  public static final String BLOBS_S3_ENDPOINT = "blobs.s3.endpoint";
  public static final String BLOBS_S3_REGION = "blobs.s3.region";
  public static final String BLOBS_S3_PREFIX = "blobs.s3.prefix";
  public static final String BLOBS_S3_ACCESS_KEY = "blobs.s3.access.key";
  public static final String BLOBS_S3_SECRET_KEY = "blobs.s3.secret.key";
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
            "Folder of results over 64 KiB, shared by workers, cache-store and publisher. Unused"
                + " when blobs.s3.bucket is set.")
        .define(
            BLOBS_S3_BUCKET,
            Type.STRING,
            "",
            Importance.MEDIUM,
            "Bucket of an S3 store for results over 64 KiB, the same for workers, cache-store and"
                + " publisher. Empty: they are files in blobs.dir.")
        .define(
            BLOBS_S3_ENDPOINT,
            Type.STRING,
            "",
            LambdaValidator.with(
                CommonConfig::checkEndpoint, () -> "http://host:port, https://host:port, or empty"),
            Importance.LOW,
            "Where the S3 store is when it is not Amazon's. Its buckets are addressed by path.")
        .define(
            BLOBS_S3_REGION,
            Type.STRING,
            "us-east-1",
            new NonEmptyString(),
            Importance.LOW,
            "Region of the bucket.")
        .define(
            BLOBS_S3_PREFIX,
            Type.STRING,
            "",
            Importance.LOW,
            "What the names of the objects start with, such as millrace/. Under it nothing else may"
                + " lie in folders named like a day: those are deleted after 31 days.")
        .define(
            BLOBS_S3_ACCESS_KEY,
            Type.PASSWORD,
            "",
            Importance.LOW,
            "Access key of the bucket, best by reference such as ${env:S3_ACCESS_KEY}. Unset, as"
                + " the secret key: what the environment gives Amazon's clients.")
        .define(
            BLOBS_S3_SECRET_KEY,
            Type.PASSWORD,
            "",
            Importance.LOW,
            "Secret key that belongs to the access key, best by reference such as"
                + " ${env:S3_SECRET_KEY}.")
        .define(
            TYPES_DIR,
            Type.STRING,
            "",
            Importance.LOW,
            "Folder of further type definitions, one <type>.json each. Empty: only the class"
                + " path.");
  }

  private static void checkEndpoint(String name, Object value) {
    var text = String.valueOf(value);
    if (!text.isEmpty() && !text.matches("https?://[^/?#@\\s]+/?")) {
      throw new ConfigException(name, text, "must be http://host:port or https://host:port");
    }
  }
}
