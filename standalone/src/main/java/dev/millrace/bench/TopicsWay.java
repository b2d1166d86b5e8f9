package dev.millrace.bench;

import dev.millrace.contracts.Completion;
import dev.millrace.contracts.Topics;
import dev.millrace.runtime.KafkaClients;
import dev.millrace.runtime.Sender;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/// A caller who produces requests and reads completions, as any caller would.
final class TopicsWay implements Way, AutoCloseable {

  private final Topics topics;
  private final String name;
  private final LongSupplier nanoTime;
  private final Pending pending = new Pending();
  private final AtomicLong sent = new AtomicLong();
  private final Sender sender;
  private final Follower follower;

  /// @param name begins its request ids
  TopicsWay(KafkaClients clients, Topics topics, String name, LongSupplier nanoTime) {
    this.topics = topics;
    this.name = name;
    this.nanoTime = nanoTime;
    sender = new Sender(clients.producer("millrace-bench"));
    follower = new Follower(clients, topics.completions().name(), this::take);
  }

  @Override
  public CompletableFuture<Answer> ask(Ask ask) {
    var id = name + "-" + sent.incrementAndGet();
    var answer = pending.add(id);
    var _ =
        sender
            .send(topics.requests(ask.tier()).name(), null, id, ask.body(id), Map.of())
            .exceptionally(failure -> {
              pending.fail(id, failure);
              return null;
            });
    return answer;
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    var completion = topics.completions().serde().read(record.value());
    pending.complete(
        new String(record.key(), StandardCharsets.UTF_8),
        new Answer(how(completion), nanoTime.getAsLong()));
  }

  private static String how(Completion end) {
    return end.source() == null ? end.status().id() : end.source().id();
  }

  @Override
  public void close() {
    sender.close();
    follower.close();
  }
}
