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
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiPredicate;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
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
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final int RECORDS = 200;

  private final Supplier<Consumer<byte[], byte[]>> join;
  private final Map<String, RetryDelay> delays = new HashMap<>();
  private final Map<String, JobReader> readers = new HashMap<>();
  private final Reports reports;
  private final BiPredicate<ConsumerRecord<byte[], byte[]>, Exception> reject;
  private final Resources resources;
  private final Backlog backlog = new Backlog();
  private final Thread thread;
  private volatile @Nullable Consumer<byte[], byte[]> joined;
  private volatile boolean closed;

  RetryRelay(
      Supplier<Consumer<byte[], byte[]>> join,
      Topics topics,
      int partitions,
      Reports reports,
      BiPredicate<ConsumerRecord<byte[], byte[]>, Exception> reject,
      Resources resources) {
    this.join = join;
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
    Supplier<Consumer<byte[], byte[]>> join =
        () ->
            clients.consumer(
                TopicAdmin.group(topics, "retry"),
                "millrace-retry",
                Map.of(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, RECORDS));
    var relay = new RetryRelay(join, topics, partitions, reports, reject, resources);
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
    var consumer = joined;
    if (consumer != null) {
      consumer.wakeup();
    }
    try {
      var _ = thread.join(Duration.ofSeconds(3));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void relay() {
    while (!closed) {
      try (var consumer = join.get()) {
        subscribe(consumer);
        while (!closed) {
          var _ = runOnce(consumer);
        }
      } catch (WakeupException _) {
        LOG.debug("retry relay woken");
      } catch (RuntimeException e) {
        // what was fetched and not told comes again, from what was committed last
        LOG.error("retry relay interrupted, joining again", e);
        pause();
      }
    }
  }

  /// Begins anew, with nothing fetched.
  void subscribe(Consumer<byte[], byte[]> consumer) {
    backlog.clear();
    consumer.subscribe(List.copyOf(delays.keySet()), new Forgetting());
    joined = consumer;
  }

  /// Fetches, tells what is due, commits.
  ///
  /// @return how many were due
  int runOnce(Consumer<byte[], byte[]> consumer) {
    for (var record : consumer.poll(pollTime())) {
      keep(record);
    }
    var due = backlog.takeDue(now(), nanos());
    commit(consumer, tell(consumer, due));
    pauseAndResume(consumer);
    return due.size();
  }

  private void pause() {
    long until = nanos() + PAUSE.toNanos();
    while (!closed && nanos() - until < 0) {
      LockSupport.parkNanos(PAUSE.toNanos() / 10);
    }
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
  private Map<TopicPartition, OffsetAndMetadata> tell(
      Consumer<byte[], byte[]> consumer, List<Delayed> due) {
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

  private static void commit(
      Consumer<byte[], byte[]> consumer, Map<TopicPartition, OffsetAndMetadata> told) {
    if (told.isEmpty()) {
      return;
    }
    try {
      consumer.commitSync(told, Duration.ofSeconds(5));
    } catch (WakeupException e) {
      throw e;
    } catch (KafkaException e) {
      // the next commit covers it, or the next owner tells it again
      LOG.info("not committed {}: {}", told, e.toString());
    }
  }

  private void pauseAndResume(Consumer<byte[], byte[]> consumer) {
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
