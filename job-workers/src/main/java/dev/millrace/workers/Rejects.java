package dev.millrace.workers;

import dev.millrace.contracts.HeaderNames;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.RejectionCode;
import dev.millrace.contracts.Sha256;
import dev.millrace.contracts.Topics;
import dev.millrace.workers.attempts.Durable;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Puts records that cannot be understood where people find them, as they came, with the reason in
/// headers. A bad record stops nobody and is never lost.
final class Rejects {

  private static final Logger LOG = LoggerFactory.getLogger(Rejects.class);
  private static final int LARGEST_WHOLE_BYTES = 256 * 1024;
  private static final int KEPT_BYTES = 64 * 1024;

  private final Producer<byte[], byte[]> producer;
  private final String topic;
  private final InstantSource clock;
  private final BooleanSupplier open;

  /// @param open whether it is worth to go on trying
  Rejects(
      Producer<byte[], byte[]> producer, Topics topics, InstantSource clock, BooleanSupplier open) {
    this.producer = producer;
    this.topic = topics.rejected().name();
    this.clock = clock;
    this.open = open;
  }

  /// Keeps one record.
  ///
  /// @return whether the broker has it; false when this worker is closed before
  boolean reject(ConsumerRecord<byte[], byte[]> record, Exception why) {
    LOG.warn(
        "record rejected topic={} partition={} offset={}: {}",
        record.topic(),
        record.partition(),
        record.offset(),
        why.getMessage());
    return Durable.deliver(
        "rejection of " + record.topic(), () -> send(rejected(record, why)), open);
  }

  private ProducerRecord<byte[], byte[]> rejected(
      ConsumerRecord<byte[], byte[]> record, Exception why) {
    byte[] value = record.value();
    boolean cut = value != null && value.length > LARGEST_WHOLE_BYTES;
    var rejected =
        new ProducerRecord<byte[], byte[]>(
            topic, null, record.key(), cut ? Arrays.copyOf(value, KEPT_BYTES) : value);
    var headers = rejected.headers();
    if (cut) {
      HeaderNames.put(headers, HeaderNames.ORIGINAL_BYTES, value.length);
      HeaderNames.put(headers, HeaderNames.ORIGINAL_SHA256, Sha256.hex(value));
    }
    HeaderNames.put(headers, HeaderNames.ERROR_CODE, RejectionCode.E_RECORD);
    HeaderNames.put(
        headers, HeaderNames.ERROR_MESSAGE, shortened(String.valueOf(why.getMessage())));
    HeaderNames.put(headers, HeaderNames.ERROR_TOPIC, record.topic());
    HeaderNames.put(headers, HeaderNames.ERROR_PARTITION, record.partition());
    HeaderNames.put(headers, HeaderNames.ERROR_OFFSET, record.offset());
    HeaderNames.put(headers, HeaderNames.ERROR_AT, Json.time(clock.instant()));
    return rejected;
  }

  private CompletableFuture<Void> send(ProducerRecord<byte[], byte[]> record) {
    var sent = new CompletableFuture<Void>();
    try {
      var _ =
          producer.send(
              record,
              (_, failure) -> {
                if (failure == null) {
                  sent.complete(null);
                } else {
                  sent.completeExceptionally(failure);
                }
              });
    } catch (RuntimeException e) {
      sent.completeExceptionally(e);
    }
    return sent;
  }

  private static String shortened(String text) {
    return text.length() <= 1_000 ? text : text.substring(0, 1_000);
  }
}
