package dev.millrace.workers.retries;

import dev.millrace.contracts.Job;
import dev.millrace.contracts.Outcome;
import dev.millrace.contracts.RetryDelay;
import dev.millrace.contracts.Topics;
import dev.millrace.runtime.KafkaClients;
import dev.millrace.runtime.Resources;
import dev.millrace.runtime.Threads;
import dev.millrace.runtime.TopicAdmin;
import dev.millrace.workers.attempts.Durable;
import dev.millrace.workers.attempts.JobReader;
import dev.millrace.workers.attempts.Reports;
import dev.millrace.workers.retries.Backlog.Delayed;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.BiPredicate;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells the ledger when a backoff is over, by a `due` outcome; never early. What it says twice,
/// the ledger recognises by the epoch.
///
/// ```
/// jobs.retry.1s, .10s, .1m, .10m ─▶ wait at the head ─▶ due ─▶ on the broker ─▶ commit
/// ```
///
/// A partition whose head is not due is paused, so that polling keeps the membership and fetches
/// nothing more.
public final class RetryRelay implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(RetryRelay.class);
  private static final Duration LONGEST_POLL = Duration.ofMillis(500);
  private static final int RECORDS = 200;

  private final Consumer<byte[], byte[]> consumer;
  private final Map<String, RetryDelay> delays = new HashMap<>();
  private final Map<String, JobReader> readers = new HashMap<>();
  private final Reports reports;
  private final BiPredicate<ConsumerRecord<byte[], byte[]>, Exception> reject;
  private final Resources resources;
  private final Backlog backlog = new Backlog();
  private final Thread thread;
  private volatile boolean closed;

  RetryRelay(
      Consumer<byte[], byte[]> consumer,
      Topics topics,
      int partitions,
      Reports reports,
      BiPredicate<ConsumerRecord<byte[], byte[]>, Exception> reject,
      Resources resources) {
    this.consumer = consumer;
    for (var delay : RetryDelay.values()) {
      var topic = topics.retry(delay);
      delays.put(topic.name(), delay);
      readers.put(topic.name(), new JobReader(topic, partitions));
    }
    this.reports = reports;
    this.reject = reject;
    this.resources = resources;
    this.thread = Threads.platform("retry-relay").newThread(this::relay);
  }

  /// Joins the group of the relays; the retry partitions are shared among all workers.
  ///
  /// @param reject keeps a record that is no job, and says whether it did
  public static RetryRelay start(
      KafkaClients clients,
      Topics topics,
      int partitions,
      Reports reports,
      BiPredicate<ConsumerRecord<byte[], byte[]>, Exception> reject,
      Resources resources) {
    var consumer =
        clients.consumer(
            TopicAdmin.group(topics, "retry"),
            "millrace-retry",
            Map.of(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, RECORDS));
    var relay = new RetryRelay(consumer, topics, partitions, reports, reject, resources);
    relay.thread.start();
    return relay;
  }

  public boolean ready() {
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
      var _ = thread.join(Duration.ofSeconds(3));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void relay() {
    try (consumer) {
      subscribe();
      while (!closed) {
        try {
          var _ = runOnce();
        } catch (WakeupException e) {
          LOG.debug("retry relay woken");
        } catch (KafkaException e) {
          LOG.warn("retry topics cannot be read, trying again: {}", e.getMessage());
        }
      }
    } catch (RuntimeException e) {
      LOG.error("retry relay stopped: other workers take over", e);
    }
  }

  void subscribe() {
    var topics = Arrays.asList(delays.keySet().toArray(String[]::new));
    consumer.subscribe(topics, new Forgetting());
  }

  /// Fetches, tells what is due, commits.
  ///
  /// @return how many were due
  int runOnce() {
    for (var record : consumer.poll(pollTime())) {
      keep(record);
    }
    var due = backlog.takeDue(now(), nanos());
    commit(tell(due));
    pauseAndResume();
    return due.size();
  }

  private Duration pollTime() {
    var left = backlog.untilNext(now(), nanos(), LONGEST_POLL);
    return left.isZero() ? left : Duration.ofMillis(left.toMillis() + 1);
  }

  private void keep(ConsumerRecord<byte[], byte[]> record) {
    var partition = new TopicPartition(record.topic(), record.partition());
    try {
      var job = reader(record.topic()).read(record);
      var due = Backlog.due(job, delay(record.topic()), Instant.ofEpochMilli(record.timestamp()));
      long dueNanos = nanos() + Math.max(0, Duration.between(now(), due).toNanos());
      backlog.add(new Delayed(partition, record.offset(), job, due, dueNanos));
    } catch (SerializationException e) {
      if (!reject.test(record, e)) {
        throw new KafkaException("closed before a bad record was kept", e);
      }
    }
  }

  /// Sends a `due` for each and waits for the broker.
  ///
  /// @return up to where each partition has been told
  private Map<TopicPartition, OffsetAndMetadata> tell(List<Delayed> due) {
    var sent = new LinkedHashMap<Delayed, CompletableFuture<?>>();
    due.forEach(delayed -> sent.put(delayed, reports.outcome(delayed.job(), due(delayed.job()))));
    var told = new HashMap<TopicPartition, OffsetAndMetadata>();
    var failed = new HashMap<TopicPartition, Long>();
    sent.forEach((delayed, future) -> {
      var partition = delayed.partition();
      if (!failed.containsKey(partition) && arrived(delayed, future)) {
        told.put(partition, new OffsetAndMetadata(delayed.offset() + 1));
      } else {
        failed.putIfAbsent(partition, delayed.offset());
      }
    });
    failed.forEach((partition, offset) -> {
      backlog.forget(List.of(partition));
      consumer.seek(partition, offset);
    });
    return told;
  }

  private boolean arrived(Delayed delayed, CompletableFuture<?> future) {
    try {
      return Durable.arrived(future, () -> !closed);
    } catch (ExecutionException e) {
      LOG.warn(
          "due not on the broker, telling it again jobId={}: {}",
          delayed.job().jobId(),
          String.valueOf(e.getCause()));
      return false;
    }
  }

  private void commit(Map<TopicPartition, OffsetAndMetadata> told) {
    if (!told.isEmpty()) {
      consumer.commitSync(told, Duration.ofSeconds(5));
    }
  }

  private void pauseAndResume() {
    for (var partition : consumer.assignment()) {
      boolean waits = backlog.waitsIn(partition);
      if (waits != consumer.paused().contains(partition)) {
        if (waits) {
          consumer.pause(List.of(partition));
        } else {
          consumer.resume(List.of(partition));
        }
      }
    }
  }

  private Outcome due(Job job) {
    return new Outcome.Due(job.jobId(), job.requestHash(), job.epoch(), now());
  }

  private Instant now() {
    return resources.clock().instant();
  }

  private long nanos() {
    return resources.nanoTime().getAsLong();
  }

  private JobReader reader(String topic) {
    var reader = readers.get(topic);
    if (reader == null) {
      throw new IllegalStateException("not a retry topic: " + topic);
    }
    return reader;
  }

  private RetryDelay delay(String topic) {
    var delay = delays.get(topic);
    if (delay == null) {
      throw new IllegalStateException("not a retry topic: " + topic);
    }
    return delay;
  }

  /// What was fetched of a partition that moves away is fetched again by its next owner.
  private final class Forgetting implements ConsumerRebalanceListener {
    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      backlog.forget(partitions);
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
      backlog.forget(partitions);
    }
  }
}
