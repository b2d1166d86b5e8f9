package dev.millrace.contracts;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/// Values of one class as compact UTF-8 JSON.
public final class JsonSerde<V> implements Serde<V> {

  private final ObjectReader reader;
  private final ObjectWriter writer;

  public JsonSerde(Class<V> type) {
    reader = Json.MAPPER.readerFor(type);
    writer = Json.MAPPER.writerFor(type);
  }

  /// The bytes of `value`.
  public byte[] write(V value) {
    try {
      return writer.writeValueAsBytes(value);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException("cannot write " + value.getClass().getSimpleName(), e);
    }
  }

  /// The value in `bytes`.
  ///
  /// @throws SerializationException when they hold no such value
  public V read(byte[] bytes) {
    V value;
    try {
      value = reader.readValue(bytes);
    } catch (IOException | IllegalArgumentException e) {
      throw new SerializationException("not the expected JSON: " + e.getMessage(), e);
    }
    if (value == null) {
      throw new SerializationException("not the expected JSON: null");
    }
    return value;
  }

  @Override
  public Serializer<V> serializer() {
    return (topic, value) -> value == null ? null : write(value);
  }

  @Override
  public Deserializer<V> deserializer() {
    return (topic, bytes) -> bytes == null ? null : read(bytes);
  }

  /// The value in `bytes`, or null when there are none: a store row or a tombstone.
  public @Nullable V readNullable(byte @Nullable [] bytes) {
    return bytes == null ? null : read(bytes);
  }
}
