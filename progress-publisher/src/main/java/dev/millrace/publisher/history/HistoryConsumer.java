package dev.millrace.publisher.history;

import dev.millrace.contracts.Topics;
import dev.millrace.runtime.Resources;
import dev.millrace.runtime.Sender;
import dev.millrace.runtime.Threads;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The member of the group that writes the history: poll, write in one transaction, commit the
/// offsets. While the database is away it keeps its batch, stays in the group and tries again, so
/// the history lags and then catches up.
public final class HistoryConsumer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(HistoryConsumer.class);
  private static final Duration POLL = Duration.ofMillis(200);

  /// Between two writes lies as long, so that most of what one request causes is one row.
  private static final Duration BETWEEN_WRITES = Duration.ofMillis(100);

  private static final long FIRST_BACKOFF_MS = 200;
  private static final long LONGEST_BACKOFF_MS = 5_000;

  private final Consumer<byte[], byte[]> consumer;
  private final Sender sender;
  private final Topics topics;
  private final HistoryFeed feed;
  private final PostgresDatabase database;
  private final PostgresHistoryWriter writer;
  private final int batch;
  private final Resources resources;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;
  private long writtenAt;
  private volatile long lag;
  private volatile @Nullable String trouble;

  /// @param batch how many records a poll of `consumer` brings at most
  public HistoryConsumer(
      Consumer<byte[], byte[]> consumer,
      Sender sender,
      Topics topics,
      PostgresDatabase database,
      int batch,
      Resources resources) {
    this.consumer = consumer;
    this.batch = batch;
    this.sender = sender;
    this.topics = topics;
    this.database = database;
    this.resources = resources;
    this.writtenAt = resources.nanoTime().getAsLong();
    this.feed = new HistoryFeed(topics);
    this.writer = new PostgresHistoryWriter(database);
    this.thread = Threads.platform("history").newThread(this::follow);
  }

  public void start() {
    consumer.subscribe(feed.topics());
    thread.start();
  }

  /// Records polled from Kafka's view of it, not yet in the database; an estimate.
  public long lag() {
    return lag;
  }

  /// What keeps it from writing now, or null.
  public @Nullable String trouble() {
    return trouble;
  }

  @Override
  public void close() {
    closing.countDown();
    consumer.wakeup();
    try {
      if (!thread.join(Duration.ofSeconds(5))) {
        LOG.warn("history writer did not stop in time; what it holds is read again");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void follow() {
    try (consumer) {
      migrate();
      while (!isClosing()) {
        try {
          var _ = runOnce();
        } catch (WakeupException e) {
          LOG.debug("history writer woken");
        } catch (KafkaException e) {
          report("Kafka: " + e.getMessage());
          pause(FIRST_BACKOFF_MS);
        } catch (RuntimeException e) {
          LOG.error("history writer met a defect and goes on", e);
          report(e.toString());
          pause(LONGEST_BACKOFF_MS);
        }
      }
    } catch (WakeupException e) {
      LOG.debug("history writer woken while closing");
    }
  }

  /// One batch: polled, written, committed.
  ///
  /// @return how many records it had
  int runOnce() {
    gather();
    var records = consumer.poll(POLL);
    if (records.isEmpty()) {
      lag = 0;
      trouble = null;
      return 0;
    }
    try {
      if (!writePatiently(understood(records))) {
        return 0;
      }
    } catch (RuntimeException e) {
      rewind(records);
      throw e;
    }
    commit(records);
    writtenAt = resources.nanoTime().getAsLong();
    trouble = null;
    lag = currentLag();
    return records.count();
  }

  /// Lets records gather until the last write is long enough ago, unless they fill a batch already.
  /// One that comes alone is written at once.
  private void gather() {
    var left = BETWEEN_WRITES.minusNanos(resources.nanoTime().getAsLong() - writtenAt);
    if (lag < batch && left.isPositive()) {
      pause(left.toMillis());
    }
  }

  private List<HistoryEvent> understood(Iterable<ConsumerRecord<byte[], byte[]>> records) {
    var events = new ArrayList<HistoryEvent>();
    for (var record : records) {
      try {
        feed.read(record).ifPresent(events::add);
      } catch (SerializationException e) {
        keepAside(record, String.valueOf(e.getMessage()));
      }
    }
    return events;
  }

  private void migrate() {
    long backoff = FIRST_BACKOFF_MS;
    while (!isClosing() && !database.migrated()) {
      try {
        database.migrate();
      } catch (RuntimeException e) {
        report("cannot prepare the history database: " + e.getMessage());
        pause(backoff);
        backoff = Math.min(backoff * 2, LONGEST_BACKOFF_MS);
      }
    }
  }

  /// Tries until it is written.
  ///
  /// @return false when the service closes first
  private boolean writePatiently(List<HistoryEvent> events) {
    long backoff = FIRST_BACKOFF_MS;
    while (true) {
      try {
        writer.write(events);
        return true;
      } catch (RuntimeException e) {
        if (isAboutTheData(e)) {
          writeOneByOne(events);
          return true;
        }
        report("cannot write the history: " + e.getMessage());
      }
      if (isClosing()) {
        return false;
      }
      stayInGroup(backoff + resources.random().nextLong(backoff));
      backoff = Math.min(backoff * 2, LONGEST_BACKOFF_MS);
    }
  }

  /// Polls nothing for a while. Without polls the group would take the partitions away.
  private void stayInGroup(long millis) {
    consumer.pause(consumer.assignment());
    try {
      long until = resources.nanoTime().getAsLong() + TimeUnit.MILLISECONDS.toNanos(millis);
      while (!isClosing() && resources.nanoTime().getAsLong() < until) {
        var gained = consumer.poll(POLL);
        rewind(gained);
        consumer.pause(gained.partitions());
      }
    } finally {
      consumer.resume(consumer.assignment());
    }
  }

  /// Has `records` read again: of a batch that was not written, or of a partition assigned while
  /// the others were paused.
  private void rewind(Iterable<ConsumerRecord<byte[], byte[]>> records) {
    var first = new HashMap<TopicPartition, Long>();
    for (var record : records) {
      first.putIfAbsent(new TopicPartition(record.topic(), record.partition()), record.offset());
    }
    first.keySet().retainAll(consumer.assignment());
    first.forEach(consumer::seek);
  }

  private void writeOneByOne(List<HistoryEvent> events) {
    for (var event : events) {
      try {
        writer.write(List.of(event));
      } catch (RuntimeException e) {
        if (!isAboutTheData(e)) {
          throw e;
        }
        LOG.error("history cannot hold event={}, left out: {}", event, e.getMessage());
      }
    }
  }

  /// SQLSTATE classes 22 and 23: the same values will never be taken.
  private static boolean isAboutTheData(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql && sql.getSQLState() != null) {
        return sql.getSQLState().startsWith("22") || sql.getSQLState().startsWith("23");
      }
    }
    return false;
  }

  /// What does not decode goes to the rejected topic as it is, before the offset is committed.
  private void keepAside(ConsumerRecord<byte[], byte[]> record, String message) {
    LOG.warn(
        "record not understood topic={} partition={} offset={}: {}",
        record.topic(),
        record.partition(),
        record.offset(),
        message);
    var headers = HistoryFeed.reasons(record, message, resources.clock().instant());
    try {
      var _ =
          sender
              .send(topics.rejected().name(), null, null, record.value(), headers)
              .get(30, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new KafkaException("cannot set aside what was not understood", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException("interrupted while setting a record aside", e);
    }
  }

  private void commit(Iterable<ConsumerRecord<byte[], byte[]>> records) {
    var assigned = consumer.assignment();
    var offsets = new HashMap<TopicPartition, OffsetAndMetadata>();
    for (var record : records) {
      var partition = new TopicPartition(record.topic(), record.partition());
      if (assigned.contains(partition)) {
        offsets.put(partition, new OffsetAndMetadata(record.offset() + 1));
      }
    }
    try {
      consumer.commitSync(offsets);
    } catch (WakeupException e) {
      consumer.commitSync(offsets, Duration.ofSeconds(2));
      throw e;
    } catch (KafkaException e) {
      LOG.info("offsets not committed, the records will be written again: {}", e.getMessage());
    }
  }

  private long currentLag() {
    long sum = 0;
    for (var partition : consumer.assignment()) {
      sum += consumer.currentLag(partition).orElse(0);
    }
    return sum;
  }

  private void report(String what) {
    if (trouble == null) {
      LOG.warn("history is behind, trying again: {}", what);
    }
    trouble = what;
  }

  private boolean isClosing() {
    return closing.getCount() == 0;
  }

  private void pause(long millis) {
    try {
      var _ = closing.await(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      closing.countDown();
    }
  }

  /// For metrics and health.
  public Map<String, Object> details() {
    var now = trouble;
    return now == null ? Map.of("lag", lag) : Map.of("lag", lag, "trouble", now);
  }
}
