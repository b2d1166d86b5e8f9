package dev.millrace.standalone;

import dev.millrace.contracts.Topic;
import dev.millrace.contracts.Topics;
import dev.millrace.runtime.KafkaClients;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;

/// Every committed record of every topic of the contract, from the first one, read on and on by a
/// thread of its own. It goes on when the broker was away.
final class Recording implements AutoCloseable {

  private final Consumer<byte[], byte[]> consumer;
  private final Map<String, Topic<?>> topics = new HashMap<>();
  private final Map<String, List<ConsumerRecord<byte[], byte[]>>> records = new HashMap<>();
  private final Map<String, List<Object>> values = new HashMap<>();
  private final Thread thread = new Thread(this::follow, "recording");
  private volatile boolean closed;

  private Recording(Consumer<byte[], byte[]> consumer) {
    this.consumer = consumer;
  }

  static Recording start(KafkaClients clients, Topics topics) {
    var recording = new Recording(clients.consumer(null, "recording", Map.of()));
    var partitions = new ArrayList<TopicPartition>();
    for (var topic : topics.all()) {
      recording.topics.put(topic.name(), topic);
      recording.records.put(topic.name(), new ArrayList<>());
      recording.values.put(topic.name(), new ArrayList<>());
      recording.consumer.partitionsFor(topic.name()).stream()
          .map(info -> new TopicPartition(topic.name(), info.partition()))
          .forEach(partitions::add);
    }
    recording.consumer.assign(partitions);
    recording.consumer.seekToBeginning(partitions);
    recording.thread.start();
    return recording;
  }

  /// What stands on a topic, undecodable records included, in the order of each partition.
  List<ConsumerRecord<byte[], byte[]>> records(Topic<?> topic) {
    synchronized (records) {
      return List.copyOf(records.get(topic.name()));
    }
  }

  /// What stands on a topic and can be read.
  @SuppressWarnings("unchecked") // filled by the topic's own serde
  <V> List<V> values(Topic<V> topic) {
    synchronized (records) {
      return (List<V>) List.copyOf(values.get(topic.name()));
    }
  }

  private void follow() {
    try (consumer) {
      while (!closed) {
        try {
          consumer.poll(Duration.ofMillis(50)).forEach(this::keep);
        } catch (KafkaException e) {
          if (!closed) {
            System.err.println("recording goes on after " + e);
          }
        }
      }
    }
  }

  private void keep(ConsumerRecord<byte[], byte[]> record) {
    Object value = null;
    try {
      value = topics.get(record.topic()).serde().readNullable(record.value());
    } catch (SerializationException e) {
      // then it is kept as a record only
    }
    synchronized (records) {
      records.get(record.topic()).add(record);
      if (value != null) {
        values.get(record.topic()).add(value);
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    try {
      thread.join(10_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
