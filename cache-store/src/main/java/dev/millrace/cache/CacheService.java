package dev.millrace.cache;

import dev.millrace.cache.codec.Dictionaries;
import dev.millrace.cache.codec.Keys;
import dev.millrace.cache.codec.ResultCodec;
import dev.millrace.cache.http.ReadPort;
import dev.millrace.cache.layers.BlobCheck;
import dev.millrace.cache.layers.ResultCache;
import dev.millrace.cache.ledger.Ledger;
import dev.millrace.cache.ledger.LedgerReads;
import dev.millrace.cache.values.ValueSettings;
import dev.millrace.contracts.Setting;
import dev.millrace.contracts.Tier;
import dev.millrace.contracts.Topics;
import dev.millrace.runtime.BlobStore;
import dev.millrace.runtime.CommonConfig;
import dev.millrace.runtime.KafkaClients;
import dev.millrace.runtime.Opened;
import dev.millrace.runtime.Resources;
import dev.millrace.runtime.Service;
import dev.millrace.runtime.Settings;
import dev.millrace.runtime.SettingsTopic;
import dev.millrace.runtime.StateFolder;
import dev.millrace.runtime.TopicAdmin;
import dev.millrace.runtime.reads.LedgerReader;
import dev.millrace.runtime.request.CachePolicies;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TaskMetadata;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.processor.TaskId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The cache-store: a Kafka Streams application around the ledger, exactly once.
public final class CacheService implements Service {

  private static final Logger LOG = LoggerFactory.getLogger(CacheService.class);

  private static final int BATCH_BYTES = 128 * 1024;

  /// How long hits may wait in each second for the blob store to say that results are there.
  private static final Duration BLOB_BUDGET = Duration.ofMillis(50);

  private final KafkaStreams streams;
  private final LedgerReads reads;
  private final ReadPort port;
  private final Opened opened;

  private CacheService(KafkaStreams streams, LedgerReads reads, ReadPort port, Opened opened) {
    this.streams = streams;
    this.reads = reads;
    this.port = port;
    this.opened = opened;
  }

  public static CacheService start(CacheConfig config, Settings settings, Resources resources) {
    var opened = new Opened();
    try {
      return start(config, settings, resources, opened);
    } catch (RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  private static CacheService start(
      CacheConfig config, Settings settings, Resources resources, Opened opened) {
    var topics = new Topics(settings.text(CommonConfig.TOPIC_PREFIX));
    var clients = new KafkaClients(settings);
    int partitions;
    try (var admin = new TopicAdmin(clients, topics, settings, resources.clock())) {
      partitions = admin.checkedPartitions();
    }
    var application = TopicAdmin.group(topics, "cache-store");
    var settingsTopic = opened.add(SettingsTopic.open(clients, topics));
    var memory = opened.add(ResultCache.open(config.memory(), resources));
    var blobs =
        opened.add(
            new BlobCheck(BlobStore.open(settings, resources.clock()), BLOB_BUDGET, resources));
    var reads = new LedgerReads(partitions, resources);
    var port = opened.add(ReadPort.open(config.readHost(), config.readPort(), reads));
    var ledger =
        new Ledger.LedgerSettings(
            config.dedupeWindow(),
            partitions,
            config.eviction(),
            config.budget(),
            new Ledger.LedgerSettings.Limits(config.threshold(), config.waiters()),
            new ResultCodec(
                Dictionaries.load(config.dictionaries()),
                config.keys().map(file -> Keys.load(file, config.key())).orElse(Keys.NONE),
                resources.meters()),
            memory,
            blobs::missing,
            shared(settingsTopic),
            reads,
            port.url());
    var values =
        new ValueSettings(
            CachePolicies.load(config.policies().orElse(null)),
            config.values().dedupeWindow(),
            config.values().maxEntries(),
            partitions);
    var properties = properties(config, clients, application);
    properties.put(StreamsConfig.APPLICATION_SERVER_CONFIG, port.address());
    var group = new GroupCommit(resources.nanoTime());
    var ledgerClients = new LedgerClients(reads::committed, group, resources.nanoTime());
    opened.add(TransactionWatch.start(clients, topics, application, resources));
    var streams =
        StateFolder.of(properties, resources)
            .start(() ->
                application(
                    CacheTopology.build(topics, ledger, values, group, resources, true),
                    properties,
                    ledgerClients));
    opened.add(() -> KafkaClients.close(streams));
    // The port closes before the stores it reads.
    opened.add(port);
    return new CacheService(streams, reads, port, opened);
  }

  private static KafkaStreams application(
      Topology topology, Properties properties, LedgerClients clients) {
    var streams = new KafkaStreams(topology, properties, clients);
    streams.setUncaughtExceptionHandler(failure -> {
      LOG.error("a ledger thread died and is replaced", failure);
      return StreamThreadExceptionResponse.REPLACE_THREAD;
    });
    return streams;
  }

  static Properties properties(CacheConfig config, KafkaClients clients, String application) {
    var properties = new Properties();
    properties.putAll(clients.streams(application));
    properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, config.commitInterval().toMillis());
    properties.put(StreamsConfig.POLL_MS_CONFIG, Math.min(10, config.commitInterval().toMillis()));
    properties.put(StreamsConfig.STATE_DIR_CONFIG, config.stateDir().toString());
    properties.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, config.threads());
    properties.put(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, config.standbys());
    // A partition whose stores lie far behind stays with its old owner until those of the new one
    // have caught up. Whether they have is asked this often: 10 min by default, 1 at least.
    properties.putIfAbsent(
        StreamsConfig.PROBING_REBALANCE_INTERVAL_MS_CONFIG, Duration.ofMinutes(1).toMillis());
    properties.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, StoreMemory.class);
    properties.putIfAbsent(
        StreamsConfig.producerPrefix(ProducerConfig.COMPRESSION_TYPE_CONFIG), "none");
    // Nobody sees a record before its transaction is over, and a commit sends what is left.
    properties.putIfAbsent(
        StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG),
        config.commitInterval().toMillis());
    properties.putIfAbsent(
        StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), BATCH_BYTES);
    return properties;
  }

  private static Ledger.LedgerSettings.Shared shared(SettingsTopic topic) {
    return new Ledger.LedgerSettings.Shared() {
      @Override
      public boolean paused(Tier lane) {
        return topic.paused(lane);
      }

      @Override
      public long incarnation(int partition) {
        return topic.get(Setting.incarnation(partition)).map(Setting::count).orElse(-1L);
      }
    };
  }

  /// The ledgers of this process, to be read beside them.
  public LedgerReader reads() {
    return reads;
  }

  @Override
  public String name() {
    return "cache-store";
  }

  @Override
  public boolean ready() {
    return streams.state() == KafkaStreams.State.RUNNING
        && streams.metadataForLocalThreads().stream()
            .anyMatch(thread -> !thread.activeTasks().isEmpty());
  }

  @Override
  public Map<String, Object> details() {
    return Map.of(
        "state", streams.state().toString(),
        "reads", port.url(),
        "partitions",
            streams.metadataForLocalThreads().stream()
                .flatMap(thread -> thread.activeTasks().stream())
                .map(TaskMetadata::taskId)
                .filter(task -> task.subtopology() == CacheTopology.LEDGER_NUMBER)
                .map(TaskId::partition)
                .sorted()
                .toList());
  }

  @Override
  public void close() {
    opened.close();
  }
}
