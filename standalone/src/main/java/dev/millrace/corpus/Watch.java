package dev.millrace.corpus;

import dev.millrace.contracts.Admitted;
import dev.millrace.contracts.Completion;
import dev.millrace.contracts.HeaderNames;
import dev.millrace.contracts.Receipt;
import dev.millrace.contracts.Tier;
import dev.millrace.contracts.Topics;
import dev.millrace.runtime.KafkaClients;
import dev.millrace.runtime.Threads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;

/// What becomes of what was sent, as the topics say it.
final class Watch implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Topics topics;
  private final Map<String, String> topicIds;
  private final Consumer<byte[], byte[]> consumer;
  private final Thread thread;
  private final Map<String, List<String>> rejections = new HashMap<>();
  private final Map<String, Admitted> admissions = new HashMap<>();
  private final Map<Asked, List<Completion>> ends = new HashMap<>();
  private final Map<String, List<Receipt>> receipts = new HashMap<>();
  private final Set<String> buried = new HashSet<>();
  private volatile boolean closed;

  /// A request as completions name it.
  record Asked(@Nullable String organizationId, String requestId, String hash) {

    static Asked of(Admitted request) {
      return new Asked(request.organizationId(), request.requestId(), request.requestHash().hex());
    }
  }

  /// Follows from now on; when it returns, whatever is sent will be seen.
  ///
  /// @param topicIds names by Kafka's own ids
  Watch(KafkaClients clients, Topics topics, Map<String, String> topicIds) {
    this.topics = topics;
    this.topicIds = topicIds;
    consumer = clients.consumer(null, "millrace-corpus", Map.of());
    var partitions = new ArrayList<TopicPartition>();
    for (var topic : followed()) {
      consumer
          .partitionsFor(topic, PATIENCE)
          .forEach(info -> partitions.add(new TopicPartition(topic, info.partition())));
    }
    consumer.assign(partitions);
    consumer.endOffsets(partitions, PATIENCE).forEach(consumer::seek);
    thread = Threads.platform("corpus-watch").newThread(this::follow);
    thread.start();
  }

  private List<String> followed() {
    var followed = new ArrayList<String>();
    followed.add(topics.rejected().name());
    followed.add(topics.completions().name());
    followed.add(topics.receipts().name());
    followed.add(topics.deadLetters().name());
    for (var tier : Tier.values()) {
      followed.add(topics.admitted(tier).name());
    }
    return followed;
  }

  /// The rejections of the record at a place, `topic-partition-offset`.
  synchronized List<String> rejections(String place) {
    return List.copyOf(rejections.getOrDefault(place, List.of()));
  }

  synchronized Optional<Admitted> admission(String place) {
    return Optional.ofNullable(admissions.get(place));
  }

  /// The completions of a request that are no repeats.
  synchronized List<Completion> ends(Asked request) {
    return ends.getOrDefault(request, List.of()).stream().filter(end -> !end.repeat()).toList();
  }

  /// Whether every ledger partition has answered a command, or intake has for all.
  synchronized boolean answered(String commandId) {
    var some = receipts.getOrDefault(commandId, List.of());
    return !some.isEmpty() && some.size() >= some.getFirst().partitions();
  }

  synchronized boolean isBuried(String hash) {
    return buried.contains(hash);
  }

  /// Waits until `found` finds something.
  synchronized <T> Optional<T> await(Supplier<Optional<T>> found, Duration patience)
      throws InterruptedException {
    long end = System.nanoTime() + patience.toNanos();
    while (true) {
      var value = found.get();
      long left = (end - System.nanoTime()) / 1_000_000;
      if (value.isPresent() || left <= 0) {
        return value;
      }
      wait(left);
    }
  }

  private void follow() {
    try {
      while (!closed) {
        var records = consumer.poll(Duration.ofMillis(200));
        if (!records.isEmpty()) {
          synchronized (this) {
            records.forEach(this::take);
            notifyAll();
          }
        }
      }
    } catch (WakeupException _) {
      // closed
    } finally {
      consumer.close();
    }
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    if (record.topic().equals(topics.rejected().name())) {
      var headers = record.headers();
      var place =
          HeaderNames.text(headers, HeaderNames.ERROR_TOPIC)
              + "-"
              + HeaderNames.text(headers, HeaderNames.ERROR_PARTITION)
              + "-"
              + HeaderNames.text(headers, HeaderNames.ERROR_OFFSET);
      add(rejections, place, String.valueOf(HeaderNames.text(headers, HeaderNames.ERROR_CODE)));
      return;
    }
    try {
      understand(record);
    } catch (SerializationException _) {
      // the corpus itself writes nonsense to these topics; whoever owes it a rejection is asked
    }
  }

  private void understand(ConsumerRecord<byte[], byte[]> record) {
    if (record.value() == null) {
      return;
    }
    var topic = record.topic();
    if (topic.equals(topics.completions().name())) {
      var end = topics.completions().serde().read(record.value());
      add(ends, new Asked(end.organizationId(), end.requestId(), end.requestHash().hex()), end);
    } else if (topic.equals(topics.receipts().name())) {
      var receipt = topics.receipts().serde().read(record.value());
      add(receipts, receipt.commandId(), receipt);
    } else if (topic.equals(topics.deadLetters().name())) {
      buried.add(topics.deadLetters().serde().read(record.value()).requestHash().hex());
    } else {
      var request = topics.admitted(Tier.FREE).serde().read(record.value());
      var origin = request.origin();
      var name = topicIds.getOrDefault(origin.topicId(), origin.topicId());
      admissions.put(name + "-" + origin.partition() + "-" + origin.offset(), request);
    }
  }

  private static <K, V> void add(Map<K, List<V>> lists, K key, V value) {
    lists.computeIfAbsent(key, _ -> new ArrayList<>()).add(value);
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
