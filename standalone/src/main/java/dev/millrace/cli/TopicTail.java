package dev.millrace.cli;

import dev.millrace.contracts.Topic;
import dev.millrace.runtime.KafkaClients;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;

/// Reads topics without a group: all of them, or from now on, and follows. Leaves nothing behind in
/// the cluster.
final class TopicTail implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration SLICE = Duration.ofMillis(200);

  private final Consumer<byte[], byte[]> consumer;
  private final Map<TopicPartition, Long> ends;

  private TopicTail(Consumer<byte[], byte[]> consumer, Map<TopicPartition, Long> ends) {
    this.consumer = consumer;
    this.ends = ends;
  }

  /// Where reading begins.
  sealed interface From {
    From START = new At(Instant.EPOCH);
    From END = new End();

    record At(Instant time) implements From {}

    record End() implements From {}
  }

  /// Opens all partitions of `topics`. When it returns, [From#END] is settled: whatever is produced
  /// from now on will be seen.
  ///
  /// @throws CliException when a topic is missing
  static TopicTail open(KafkaClients clients, From from, Collection<String> topics) {
    var consumer = clients.consumer(null, "millrace-cli", Map.of());
    try {
      var partitions = new ArrayList<TopicPartition>();
      for (var topic : topics) {
        var infos = consumer.partitionsFor(topic, PATIENCE);
        if (infos.isEmpty()) {
          throw new CliException(
              ExitCode.FAILED,
              "Topic " + topic + " is missing; make the topics with ./millrace topics create.");
        }
        infos.forEach(info -> partitions.add(new TopicPartition(topic, info.partition())));
      }
      consumer.assign(partitions);
      var ends = consumer.endOffsets(partitions, PATIENCE);
      seek(consumer, partitions, from, ends);
      return new TopicTail(consumer, ends);
    } catch (RuntimeException e) {
      consumer.close();
      throw e;
    }
  }

  private static void seek(
      Consumer<byte[], byte[]> consumer,
      List<TopicPartition> partitions,
      From from,
      Map<TopicPartition, Long> ends) {
    switch (from) {
      case From.End _ -> ends.forEach(consumer::seek);
      case From.At(Instant time) when time.equals(Instant.EPOCH) ->
          consumer.seekToBeginning(partitions);
      case From.At(Instant time) -> {
        var times = new HashMap<TopicPartition, Long>();
        partitions.forEach(partition -> times.put(partition, time.toEpochMilli()));
        consumer
            .offsetsForTimes(times, PATIENCE)
            .forEach((partition, found) ->
                consumer.seek(
                    partition, found == null ? ends.getOrDefault(partition, 0L) : found.offset()));
      }
    }
  }

  /// What has come, waiting at most `patience` for the first.
  List<ConsumerRecord<byte[], byte[]>> poll(Duration patience) {
    var records = new ArrayList<ConsumerRecord<byte[], byte[]>>();
    consumer.poll(patience).forEach(records::add);
    return records;
  }

  /// Everything up to where the topics ended when this was opened.
  List<ConsumerRecord<byte[], byte[]>> readAll() {
    var records = new ArrayList<ConsumerRecord<byte[], byte[]>>();
    while (!atEnd()) {
      records.addAll(poll(SLICE));
    }
    return records;
  }

  /// The same of one topic, a value at a time. What cannot be read is left out: whoever reads the
  /// topic to act on it will say so.
  <T> void readAll(Topic<T> topic, java.util.function.Consumer<? super T> to) {
    while (!atEnd()) {
      for (var record : poll(SLICE)) {
        value(topic, record).ifPresent(to);
      }
    }
  }

  private static <T> Optional<T> value(Topic<T> topic, ConsumerRecord<byte[], byte[]> record) {
    try {
      return Optional.ofNullable(topic.serde().readNullable(record.value()));
    } catch (SerializationException _) {
      return Optional.empty();
    }
  }

  /// Whether everything that was there at the opening has been read.
  boolean atEnd() {
    return ends.entrySet().stream()
        .allMatch(end -> consumer.position(end.getKey(), PATIENCE) >= end.getValue());
  }

  @Override
  public void close() {
    consumer.close();
  }
}
