package dev.millrace.cache;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaClientSupplier;

/// The clients of the Streams application. Its consumers tell when they poll, its producers what is
/// written and when a transaction is committed. Each stream thread has one of both, for all its
/// tasks.
///
/// @param committed is told when the commit began, in monotonic time, on the thread that committed
record LedgerClients(LongConsumer committed, GroupCommit group, LongSupplier nanoTime)
    implements KafkaClientSupplier {

  @Override
  public Admin getAdmin(Map<String, Object> config) {
    return Admin.create(config);
  }

  @Override
  public Producer<byte[], byte[]> getProducer(Map<String, Object> config) {
    return new LedgerProducer(config);
  }

  @Override
  public Consumer<byte[], byte[]> getConsumer(Map<String, Object> config) {
    return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer()) {
      @Override
      public ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
        return super.poll(group.polling(timeout));
      }
    };
  }

  @Override
  public Consumer<byte[], byte[]> getRestoreConsumer(Map<String, Object> config) {
    return consumer(config);
  }

  @Override
  public Consumer<byte[], byte[]> getGlobalConsumer(Map<String, Object> config) {
    return consumer(config);
  }

  private static Consumer<byte[], byte[]> consumer(Map<String, Object> config) {
    return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /// A broker forgets a producer that has committed nothing for seven days.
  private static final long SAY_AGAIN_NANOS = Duration.ofHours(1).toNanos();

  /// A task counts as changed whenever a punctuation has run, so that Streams would commit the
  /// offsets it has committed already, many times a second and for ever. That is left out.
  private final class LedgerProducer extends KafkaProducer<byte[], byte[]> {

    private final Map<TopicPartition, OffsetAndMetadata> committedOffsets = new HashMap<>();
    private final Map<TopicPartition, OffsetAndMetadata> sentOffsets = new HashMap<>();
    private boolean wrote;
    private boolean flushed;
    private long begun;
    private long sentAt = nanoTime.getAsLong();

    LedgerProducer(Map<String, Object> config) {
      super(config, new ByteArraySerializer(), new ByteArraySerializer());
    }

    @Override
    public Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record, Callback callback) {
      wrote = true;
      group.wrote();
      return super.send(record, callback);
    }

    /// A commit begins with one for each task.
    @Override
    public void flush() {
      if (!flushed) {
        begun = nanoTime.getAsLong();
        flushed = true;
      }
      super.flush();
    }

    @Override
    public void sendOffsetsToTransaction(
        Map<TopicPartition, OffsetAndMetadata> offsets, ConsumerGroupMetadata member) {
      boolean known = committedOffsets.entrySet().containsAll(offsets.entrySet());
      if (wrote || !known || nanoTime.getAsLong() - sentAt > SAY_AGAIN_NANOS) {
        super.sendOffsetsToTransaction(offsets, member);
        sentOffsets.putAll(offsets);
        sentAt = nanoTime.getAsLong();
      }
    }

    @Override
    public void commitTransaction() {
      super.commitTransaction();
      group.committed(begun);
      if (!sentOffsets.isEmpty()) {
        committed.accept(begun);
      }
      committedOffsets.putAll(sentOffsets);
      startAnew();
    }

    @Override
    public void abortTransaction() {
      super.abortTransaction();
      startAnew();
    }

    private void startAnew() {
      sentOffsets.clear();
      wrote = false;
      flushed = false;
    }
  }
}
