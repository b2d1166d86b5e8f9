package dev.millrace.publisher.sse;

import dev.millrace.contracts.Topic;
import dev.millrace.contracts.Topics;
import dev.millrace.runtime.Threads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads decisions, progress, completions, alerts, receipts and replies about values from their
/// ends, all partitions, without a group: every instance sees everything.
public final class LiveReader implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(LiveReader.class);
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration OPENING = Duration.ofSeconds(30);

  private final Consumer<byte[], byte[]> consumer;
  private final Topics topics;
  private final Map<String, java.util.function.Consumer<ConsumerRecord<byte[], byte[]>>> readers =
      new HashMap<>();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;
  private volatile boolean reading;

  LiveReader(Consumer<byte[], byte[]> consumer, Topics topics, List<LiveListener> listeners) {
    this.consumer = consumer;
    this.topics = topics;
    this.thread = Threads.platform("live").newThread(this::follow);
    tell(topics.decisions(), (decision, _) -> listeners.forEach(it -> it.decided(decision)));
    tell(topics.progress(), (progress, _) -> listeners.forEach(it -> it.progressed(progress)));
    tell(topics.alerts(), (alert, _) -> listeners.forEach(it -> it.alerted(alert)));
    tell(topics.receipts(), (receipt, _) -> listeners.forEach(it -> it.received(receipt)));
    tell(topics.valueReplies(), (reply, _) -> listeners.forEach(it -> it.replied(reply)));
    tell(
        topics.completions(),
        (completion, record) ->
            listeners.forEach(it ->
                it.ended(
                    completion,
                    record.partition(),
                    record.offset(),
                    record.serializedValueSize())));
  }

  /// Goes to the ends of the topics, then reads on.
  ///
  /// @return the next offset of every partition of the completions topic
  /// @throws KafkaException when the topics cannot be reached within 30 s
  Positions start() {
    var partitions = new ArrayList<TopicPartition>();
    for (var topic : readers.keySet()) {
      for (var partition : consumer.partitionsFor(topic, OPENING)) {
        partitions.add(new TopicPartition(topic, partition.partition()));
      }
    }
    consumer.assign(partitions);
    consumer.seekToEnd(partitions);
    var completions = new HashMap<Integer, Long>();
    for (var partition : partitions) {
      long position = consumer.position(partition, OPENING);
      if (partition.topic().equals(topics.completions().name())) {
        completions.put(partition.partition(), position);
      }
    }
    reading = true;
    thread.start();
    return new Positions(completions);
  }

  /// Whether it stands in the topics and its last poll did not fail.
  public boolean reading() {
    return reading;
  }

  @Override
  public void close() {
    closing.countDown();
    consumer.wakeup();
    try {
      if (!thread.join(Duration.ofSeconds(3))) {
        LOG.warn("live reader did not stop in time");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private <V> void tell(Topic<V> topic, BiConsumer<V, ConsumerRecord<byte[], byte[]>> listener) {
    readers.put(
        topic.name(),
        record -> {
          byte[] value = record.value();
          if (value != null) {
            listener.accept(topic.serde().read(value), record);
          }
        });
  }

  private void follow() {
    try (consumer) {
      while (closing.getCount() > 0) {
        try {
          consumer.poll(POLL).forEach(this::tell);
          reading = true;
        } catch (WakeupException e) {
          LOG.debug("live reader woken");
        } catch (KafkaException e) {
          if (reading) {
            LOG.warn("live events cannot be read, trying again: {}", e.getMessage());
          }
          reading = false;
          rest();
        }
      }
    }
  }

  /// A record that does not decode is kept by the history's consumer; here it is passed over.
  private void tell(ConsumerRecord<byte[], byte[]> record) {
    try {
      var reader = readers.get(record.topic());
      if (reader != null) {
        reader.accept(record);
      }
    } catch (SerializationException e) {
      LOG.debug("not understood topic={} offset={}", record.topic(), record.offset());
    } catch (RuntimeException e) {
      LOG.error("a live event was lost to a defect topic={}", record.topic(), e);
    }
  }

  private void rest() {
    try {
      var _ = closing.await(1, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      closing.countDown();
    }
  }
}
