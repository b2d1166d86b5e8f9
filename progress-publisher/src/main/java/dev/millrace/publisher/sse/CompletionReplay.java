package dev.millrace.publisher.sse;

import dev.millrace.contracts.Topics;
import dev.millrace.runtime.KafkaClients;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;

/// Reads again what a listener missed, from the completions topic itself.
final class CompletionReplay {

  /// Of one partition; whoever was away longer reads the history.
  private static final long MOST_RECORDS = 25_000;

  private static final Duration POLL = Duration.ofMillis(50);

  private final KafkaClients clients;
  private final Topics topics;

  CompletionReplay(KafkaClients clients, Topics topics) {
    this.clients = clients;
    this.topics = topics;
  }

  /// Sends every completion the listener wants from `seen` up to `until`.
  void replay(LiveEvents.Subscription listener, Positions seen, Positions until) {
    var from = new HashMap<Integer, Long>();
    until
        .next()
        .forEach((partition, end) -> {
          long start = seen.next().getOrDefault(partition, end);
          if (start < end) {
            from.put(partition, Math.max(start, end - MOST_RECORDS));
          }
        });
    if (from.isEmpty()) {
      return;
    }
    try (var consumer = clients.consumer(null, "millrace-replay", Map.of())) {
      replay(consumer, listener, from, until);
    }
  }

  private void replay(
      Consumer<byte[], byte[]> consumer,
      LiveEvents.Subscription listener,
      Map<Integer, Long> from,
      Positions until) {
    var name = topics.completions().name();
    var vector = new HashMap<>(until.next());
    vector.putAll(from);
    var partitions = from.keySet().stream().map(it -> new TopicPartition(name, it)).toList();
    consumer.assign(partitions);
    from.forEach((partition, offset) -> consumer.seek(new TopicPartition(name, partition), offset));

    while (listener.stream().isOpen()
        && partitions.stream()
            .anyMatch(
                it -> consumer.position(it) < until.next().getOrDefault(it.partition(), 0L))) {
      for (var record : consumer.poll(POLL)) {
        if (record.offset() < until.next().getOrDefault(record.partition(), 0L)) {
          vector.put(record.partition(), record.offset() + 1);
          send(consumer, listener, record, new Positions(vector));
        }
      }
    }
  }

  private void send(
      Consumer<byte[], byte[]> consumer,
      LiveEvents.Subscription listener,
      ConsumerRecord<byte[], byte[]> record,
      Positions positions) {
    byte[] value = record.value();
    if (value == null) {
      return;
    }
    try {
      var completion = topics.completions().serde().read(value);
      var request = RequestKey.of(completion.organizationId(), completion.requestId());
      if (!listener.interest().covers(request)) {
        return;
      }
      waitForRoom(consumer, listener.stream());
      var frame = LiveEvents.endFrame(completion.status(), positions.encode(), completion);
      var _ = listener.stream().sendMissed(frame);
    } catch (SerializationException _) {
      // The history's consumer keeps such a record.
    }
  }

  private static void waitForRoom(Consumer<byte[], byte[]> consumer, EventStream stream) {
    if (stream.hasRoomForMissed()) {
      return;
    }
    consumer.pause(consumer.assignment());
    while (stream.isOpen() && !stream.hasRoomForMissed()) {
      var none = consumer.poll(POLL);
      if (!none.isEmpty()) {
        throw new IllegalStateException("a paused consumer gave records");
      }
    }
    consumer.resume(consumer.assignment());
  }
}
