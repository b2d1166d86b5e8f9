package dev.millrace.runtime;

import dev.millrace.contracts.HeaderNames;
import dev.millrace.contracts.Topic;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;

/// Typed produce over one producer. Whoever sends must look at the future: it fails when the record
/// is not known to be on the broker.
public final class Sender implements AutoCloseable {

  private final Producer<byte[], byte[]> producer;

  public Sender(Producer<byte[], byte[]> producer) {
    this.producer = producer;
  }

  /// Produces one record.
  ///
  /// @param partition null: by key
  public <V> CompletableFuture<RecordMetadata> send(
      Topic<V> topic,
      @Nullable Integer partition,
      @Nullable String key,
      V value,
      Map<String, String> headers) {
    return send(topic.name(), partition, key, topic.serde().write(value), headers);
  }

  /// Produces bytes as they are.
  public CompletableFuture<RecordMetadata> send(
      String topic,
      @Nullable Integer partition,
      @Nullable String key,
      byte @Nullable [] value,
      Map<String, String> headers) {
    var keyBytes = key == null ? null : key.getBytes(StandardCharsets.UTF_8);
    var record = new ProducerRecord<byte[], byte[]>(topic, partition, keyBytes, value);
    headers.forEach((name, text) -> HeaderNames.put(record.headers(), name, text));
    var future = new CompletableFuture<RecordMetadata>();
    try {
      var _ =
          producer.send(
              record,
              (metadata, failure) -> {
                if (failure == null) {
                  future.complete(metadata);
                } else {
                  future.completeExceptionally(failure);
                }
              });
    } catch (RuntimeException e) {
      future.completeExceptionally(e);
    }
    return future;
  }

  public void flush() {
    producer.flush();
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(5));
  }
}
