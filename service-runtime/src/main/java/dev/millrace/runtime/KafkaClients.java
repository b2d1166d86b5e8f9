package dev.millrace.runtime;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.jspecify.annotations.Nullable;

/// Kafka clients with the settings that lose no record. Whatever is given under `producer.`,
/// `consumer.`, `streams.` or `admin.` goes on top, security settings to all.
public final class KafkaClients {

  /// The largest request any of our producers sends: above the largest topic limit.
  public static final int LARGEST_REQUEST_BYTES = 4 * 1024 * 1024;

  private static final Duration CLOSING = Duration.ofSeconds(8);

  private final Settings settings;

  public KafkaClients(Settings settings) {
    this.settings = settings;
  }

  public String bootstrapServers() {
    return settings.text(CommonConfig.BOOTSTRAP_SERVERS);
  }

  public Admin admin() {
    var config = base("admin.");
    config.putIfAbsent(CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG, 20_000);
    config.putIfAbsent(CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, 10_000);
    return Admin.create(config);
  }

  /// An idempotent producer that waits for all replicas.
  public Producer<byte[], byte[]> producer(String clientId) {
    return producer(clientId, Map.of());
  }

  /// The same with settings of its own.
  public Producer<byte[], byte[]> producer(String clientId, Map<String, Object> more) {
    var config = base("producer.");
    config.put(ProducerConfig.CLIENT_ID_CONFIG, clientId);
    config.put(ProducerConfig.ACKS_CONFIG, "all");
    config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    config.putIfAbsent(ProducerConfig.LINGER_MS_CONFIG, 0);
    config.putIfAbsent(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 60_000);
    config.putIfAbsent(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 15_000);
    config.putIfAbsent(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, LARGEST_REQUEST_BYTES);
    config.putAll(more);
    return new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /// A consumer that sees committed records only and never commits by itself. With a group it
  /// starts at the earliest record and joins by the consumer group protocol (KIP-848).
  public Consumer<byte[], byte[]> consumer(
      @Nullable String group, String clientId, Map<String, Object> more) {
    var config = base("consumer.");
    config.put(ConsumerConfig.CLIENT_ID_CONFIG, clientId);
    config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    if (group != null) {
      config.put(ConsumerConfig.GROUP_ID_CONFIG, group);
      config.put(ConsumerConfig.GROUP_PROTOCOL_CONFIG, "consumer");
    }
    config.putAll(more);
    return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /// A member of a share group (KIP-932) with explicit acknowledgement, one record limit a poll,
  /// and a connection that is not dropped while a record is held.
  public ShareConsumer<byte[], byte[]> shareConsumer(
      String group, String clientId, Map<String, Object> more) {
    var config = base("consumer.");
    config.put(ConsumerConfig.CLIENT_ID_CONFIG, clientId);
    config.put(ConsumerConfig.GROUP_ID_CONFIG, group);
    config.put(ConsumerConfig.SHARE_ACKNOWLEDGEMENT_MODE_CONFIG, "explicit");
    config.put("share.acquire.mode", "record_limit");
    config.put(ConsumerConfig.CONNECTIONS_MAX_IDLE_MS_CONFIG, -1L);
    config.putAll(more);
    return new KafkaShareConsumer<>(
        config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /// What every Streams application of ours has in common. A Streams application id uses hyphens.
  ///
  /// The classic group protocol, because the streams one refuses a member whose topology differs
  /// from the group's: no release could then add a topic or a store. A lost instance is replaced
  /// after six seconds.
  public Map<String, Object> streams(String applicationId) {
    var config = base("streams.");
    config.put(StreamsConfig.APPLICATION_ID_CONFIG, applicationId);
    config.putIfAbsent(StreamsConfig.GROUP_PROTOCOL_CONFIG, "classic");
    config.putIfAbsent(
        StreamsConfig.consumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), 6_000);
    config.putIfAbsent(
        StreamsConfig.consumerPrefix(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG), 1_500);
    config.putIfAbsent(StreamsConfig.POLL_MS_CONFIG, 10);
    config.putIfAbsent(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
    config.putIfAbsent(
        StreamsConfig.producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG),
        LARGEST_REQUEST_BYTES);
    config.putIfAbsent(
        StreamsConfig.consumerPrefix(ConsumerConfig.ISOLATION_LEVEL_CONFIG), "read_committed");
    config.putIfAbsent(
        StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
    return config;
  }

  /// Closes an application and leaves its group, so that its partitions move at once.
  public static void close(KafkaStreams streams) {
    streams.close(
        CloseOptions.timeout(CLOSING)
            .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
  }

  private Map<String, Object> base(String prefix) {
    var config = new HashMap<>(settings.client(prefix));
    config.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers());
    return config;
  }
}
