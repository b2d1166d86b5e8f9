package dev.millrace.audit;

import dev.millrace.contracts.Topics;
import dev.millrace.runtime.KafkaClients;
import dev.millrace.runtime.request.RequestHasher;
import dev.millrace.runtime.request.TypeDefinitions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/// Reads all topics of a cluster, committed records only, up to where they end when it begins.
public final class AuditReader {

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration POLL = Duration.ofMillis(200);

  private final KafkaClients clients;
  private final Topics topics;
  private final TypeDefinitions types;
  private final RequestHasher hasher;
  private final InstantSource clock;

  public AuditReader(
      KafkaClients clients,
      Topics topics,
      TypeDefinitions types,
      RequestHasher hasher,
      InstantSource clock) {
    this.clients = clients;
    this.topics = topics;
    this.types = types;
    this.hasher = hasher;
    this.clock = clock;
  }

  /// Reads and judges.
  ///
  /// @param drainedWithin see [Scene]
  /// @throws KafkaException when the cluster does not answer, or a topic is missing
  public Report audit(@Nullable Duration drainedWithin) throws InterruptedException {
    var topicIds = topicIds();
    try (var consumer =
        clients.consumer(
            null, "millrace-audit", Map.of(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 2_000))) {
      var partitions = new HashMap<String, List<TopicPartition>>();
      var all = new ArrayList<TopicPartition>();
      for (var phase : Audit.phases(topics)) {
        for (var topic : phase) {
          partitions.put(topic, partitions(consumer, topic));
          all.addAll(partitions(consumer, topic));
        }
      }
      var notedAt = clock.instant();
      var ends = consumer.endOffsets(all, PATIENCE);
      var cut = new HashSet<String>();
      consumer
          .beginningOffsets(all, PATIENCE)
          .forEach((partition, first) -> {
            if (first > 0 && !partition.topic().equals(topics.settings().name())) {
              cut.add(partition.topic());
            }
          });
      int count = partitions.getOrDefault(topics.outcomes().name(), List.of()).size();
      var audit =
          new Audit(new Scene(topics, count, topicIds, cut, types, hasher, notedAt, drainedWithin));
      for (var phase : Audit.phases(topics)) {
        for (var topic : phase) {
          read(consumer, partitions.getOrDefault(topic, List.of()), ends, audit);
        }
        audit.phaseTaken(phase);
      }
      return audit.judge();
    }
  }

  private static void read(
      Consumer<byte[], byte[]> consumer,
      List<TopicPartition> partitions,
      Map<TopicPartition, Long> ends,
      Audit audit) {
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    while (!partitions.stream()
        .allMatch(each -> consumer.position(each, PATIENCE) >= ends.getOrDefault(each, 0L))) {
      for (var record : consumer.poll(POLL)) {
        var partition = new TopicPartition(record.topic(), record.partition());
        if (record.offset() < ends.getOrDefault(partition, 0L)) {
          audit.take(record);
        }
      }
    }
  }

  private static List<TopicPartition> partitions(Consumer<byte[], byte[]> consumer, String topic) {
    return consumer.partitionsFor(topic, PATIENCE).stream()
        .map(info -> new TopicPartition(info.topic(), info.partition()))
        .toList();
  }

  /// @throws KafkaException when a topic is missing
  private Map<String, String> topicIds() throws InterruptedException {
    var names = Audit.phases(topics).stream().flatMap(List::stream).toList();
    try (var admin = clients.admin()) {
      var ids = new HashMap<String, String>();
      admin
          .describeTopics(names)
          .allTopicNames()
          .get(PATIENCE.toSeconds(), TimeUnit.SECONDS)
          .forEach((name, description) -> ids.put(description.topicId().toString(), name));
      return ids;
    } catch (ExecutionException | TimeoutException e) {
      throw new KafkaException("cannot describe the topics under " + topics.prefix(), e);
    }
  }
}
