package dev.millrace.bench;

import dev.millrace.runtime.KafkaClients;
import dev.millrace.runtime.Threads;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;

/// Reads one topic from its end on a thread of its own.
final class Follower implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final org.apache.kafka.clients.consumer.Consumer<byte[], byte[]> consumer;
  private final Thread thread;
  private volatile boolean closed;

  /// When it returns, whatever is produced from now on will be seen.
  Follower(
      KafkaClients clients, String topic, Consumer<? super ConsumerRecord<byte[], byte[]>> each) {
    consumer = clients.consumer(null, "millrace-bench", Map.of());
    var partitions =
        consumer.partitionsFor(topic, PATIENCE).stream()
            .map(info -> new TopicPartition(topic, info.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.endOffsets(partitions, PATIENCE).forEach(consumer::seek);
    thread = Threads.platform("bench-follower").newThread(() -> follow(each));
    thread.start();
  }

  private void follow(Consumer<? super ConsumerRecord<byte[], byte[]>> each) {
    try {
      while (!closed) {
        consumer.poll(Duration.ofMillis(500)).forEach(each);
      }
    } catch (WakeupException _) {
      // closed
    } finally {
      consumer.close();
    }
  }

  @Override
  public void close() {
    closed = true;
    consumer.wakeup();
    try {
      thread.join(PATIENCE);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
