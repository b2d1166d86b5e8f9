package dev.millrace.intake;

import dev.millrace.contracts.Topics;
import dev.millrace.runtime.CommonConfig;
import dev.millrace.runtime.KafkaClients;
import dev.millrace.runtime.PrivacyConfig;
import dev.millrace.runtime.Resources;
import dev.millrace.runtime.Service;
import dev.millrace.runtime.Settings;
import dev.millrace.runtime.TopicAdmin;
import dev.millrace.runtime.request.RequestReader;
import dev.millrace.runtime.request.TypeDefinitions;
import java.util.Map;
import java.util.Properties;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The intake: a Kafka Streams application without state, at least once. What it repeats, the
/// ledger recognises by its origin.
public final class IntakeService implements Service {

  private static final Logger LOG = LoggerFactory.getLogger(IntakeService.class);

  private final KafkaStreams streams;
  private final TypeDefinitions types;

  private IntakeService(KafkaStreams streams, TypeDefinitions types) {
    this.streams = streams;
    this.types = types;
  }

  public static IntakeService start(IntakeConfig config, Settings settings, Resources resources) {
    var topics = new Topics(settings.text(CommonConfig.TOPIC_PREFIX));
    var clients = new KafkaClients(settings);
    var types =
        TypeDefinitions.load(IntakeService.class.getClassLoader(), config.types().orElse(null));
    int partitions;
    Map<String, String> topicIds;
    try (var admin = new TopicAdmin(clients, topics, settings, resources.clock())) {
      partitions = admin.checkedPartitions();
      topicIds =
          admin.topicIds().entrySet().stream()
              .collect(Collectors.toMap(Map.Entry::getKey, id -> id.getValue().toString()));
    }
    var reader = new RequestReader(types, PrivacyConfig.hasher(settings));
    var topology = IntakeTopology.build(topics, reader, known(topicIds), partitions, resources);
    var streams = new KafkaStreams(topology, properties(config, clients, topics));
    streams.setUncaughtExceptionHandler(failure -> {
      LOG.error("an intake thread died and is replaced", failure);
      return StreamThreadExceptionResponse.REPLACE_THREAD;
    });
    streams.start();
    LOG.info("intake started types={} partitions={}", types.names(), partitions);
    return new IntakeService(streams, types);
  }

  private static Properties properties(IntakeConfig config, KafkaClients clients, Topics topics) {
    var properties = new Properties();
    properties.putAll(clients.streams(TopicAdmin.group(topics, "intake")));
    properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.AT_LEAST_ONCE);
    properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, config.commitInterval().toMillis());
    properties.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, config.threads());
    // What comes together goes on together: a request to the broker costs more than these 2 ms.
    properties.putIfAbsent(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), 2);
    return properties;
  }

  private static Function<String, String> known(Map<String, String> topicIds) {
    return topic -> topicIds.getOrDefault(topic, Uuid.ZERO_UUID.toString());
  }

  @Override
  public String name() {
    return "simulation-intake";
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
        "types", types.names(),
        "tasks",
            streams.metadataForLocalThreads().stream()
                .flatMap(thread -> thread.activeTasks().stream())
                .map(task -> task.taskId().toString())
                .sorted()
                .toList());
  }

  @Override
  public void close() {
    KafkaClients.close(streams);
  }
}
