package dev.millrace.workers;

import dev.millrace.contracts.Control;
import dev.millrace.contracts.Topic;
import dev.millrace.runtime.KafkaClients;
import dev.millrace.runtime.Threads;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Hears everything the ledger tells the workers, from the moment it was opened on: all partitions,
/// without a group.
final class ControlReader implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ControlReader.class);
  private static final Duration OPENING = Duration.ofSeconds(30);
  private static final Duration POLL = Duration.ofMillis(500);

  private final org.apache.kafka.clients.consumer.Consumer<byte[], byte[]> consumer;
  private final Topic<Control> topic;
  private final Consumer<Control> hearer;
  private final Rejects rejects;
  private final Thread thread;
  private volatile boolean closed;

  private ControlReader(
      org.apache.kafka.clients.consumer.Consumer<byte[], byte[]> consumer,
      Topic<Control> topic,
      Consumer<Control> hearer,
      Rejects rejects) {
    this.consumer = consumer;
    this.topic = topic;
    this.hearer = hearer;
    this.rejects = rejects;
    this.thread = Threads.platform("control").newThread(this::read);
  }

  /// When it returns, nothing that is said from now on is missed.
  static ControlReader open(
      KafkaClients clients, Topic<Control> topic, Consumer<Control> hearer, Rejects rejects) {
    var consumer = clients.consumer(null, "millrace-workers-control", Map.of());
    try {
      var partitions =
          consumer.partitionsFor(topic.name(), OPENING).stream()
              .map(partition -> new TopicPartition(topic.name(), partition.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToEnd(partitions);
      partitions.forEach(partition -> consumer.position(partition, OPENING));
      var reader = new ControlReader(consumer, topic, hearer, rejects);
      reader.thread.start();
      return reader;
    } catch (RuntimeException e) {
      consumer.close();
      throw e;
    }
  }

  boolean ready() {
    return thread.isAlive();
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    consumer.wakeup();
    try {
      var _ = thread.join(Duration.ofSeconds(2));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void read() {
    try (consumer) {
      while (!closed) {
        try {
          readOnce();
        } catch (WakeupException e) {
          LOG.debug("control reader woken");
        } catch (KafkaException e) {
          LOG.warn("control cannot be read, trying again: {}", e.getMessage());
        }
      }
    }
  }

  private void readOnce() {
    for (var record : consumer.poll(POLL)) {
      try {
        var control = topic.serde().readNullable(record.value());
        if (control != null) {
          hearer.accept(control);
        }
      } catch (RuntimeException e) {
        var _ = rejects.reject(record, e);
      }
    }
  }
}
