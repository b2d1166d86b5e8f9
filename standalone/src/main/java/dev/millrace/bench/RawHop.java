package dev.millrace.bench;

import dev.millrace.runtime.KafkaClients;
import dev.millrace.runtime.Sender;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.admin.NewTopic;

/// What everything is measured against: one record of 1 KB from a producer over a topic to a
/// consumer, by the same clients with the same settings, and nothing else.
final class RawHop implements Way, AutoCloseable {

  private static final String TOPIC = "bench.raw";
  private static final int PARTITIONS = 4;
  private static final byte[] VALUE = "x".repeat(1_024).getBytes(StandardCharsets.US_ASCII);

  private final LongSupplier nanoTime;
  private final String topic;
  private final Pending pending = new Pending();
  private final AtomicLong sent = new AtomicLong();
  private final Sender sender;
  private final Follower follower;

  private RawHop(KafkaClients clients, String topic, LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.topic = topic;
    sender = new Sender(clients.producer("millrace-bench-raw"));
    follower =
        new Follower(
            clients,
            topic,
            record ->
                pending.complete(
                    new String(record.key(), StandardCharsets.US_ASCII),
                    new Answer("raw", this.nanoTime.getAsLong())));
  }

  /// Makes the topic, and waits until each of its partitions takes records.
  static RawHop open(KafkaClients clients, String prefix, LongSupplier nanoTime)
      throws InterruptedException {
    var topic = prefix + TOPIC;
    try (var admin = clients.admin()) {
      admin
          .createTopics(List.of(new NewTopic(topic, Optional.of(PARTITIONS), Optional.empty())))
          .all()
          .get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("cannot make the topic " + topic, e.getCause());
    }
    var hop = new RawHop(clients, topic, nanoTime);
    for (int partition = 0; partition < PARTITIONS; partition++) {
      var _ = hop.sender.send(topic, partition, "warm", VALUE, Map.of()).join();
    }
    return hop;
  }

  @Override
  public CompletableFuture<Answer> ask(Ask ask) {
    var id = "raw-" + sent.incrementAndGet();
    var answer = pending.add(id);
    var _ =
        sender
            .send(topic, null, id, VALUE, Map.of())
            .exceptionally(failure -> {
              pending.fail(id, failure);
              return null;
            });
    return answer;
  }

  @Override
  public void close() {
    sender.close();
    follower.close();
  }
}
