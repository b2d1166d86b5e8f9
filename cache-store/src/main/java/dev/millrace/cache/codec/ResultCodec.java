package dev.millrace.cache.codec;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.cache.codec.UnreadableException.Reason;
import dev.millrace.contracts.JsonSerde;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.ByteBuffer;
import java.util.Locale;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;

/// Results as rows: a [Header] and the JSON compressed, or the JSON alone where that is shorter, as
/// every row was that an earlier release wrote.
///
/// A row that cannot be read is counted and given as none: whoever wanted it computes anew.
public final class ResultCodec {

  private static final JsonSerde<JsonNode> JSON = new JsonSerde<>(JsonNode.class);

  private final Dictionaries dictionaries;
  private final MeterRegistry meters;

  public ResultCodec(Dictionaries dictionaries, MeterRegistry meters) {
    this.dictionaries = dictionaries;
    this.meters = meters;
  }

  /// The row of a result.
  ///
  /// @param type of what it answers
  public byte[] encode(String type, JsonNode result) {
    var json = JSON.write(result);
    var dictionary = dictionaries.of(type).orElse(null);
    var header = new Header(dictionary == null ? 0 : dictionary.id(), "").bytes();
    var payload = Compression.compress(json, dictionary);
    return header.length + payload.length < json.length
        ? ByteBuffer.allocate(header.length + payload.length).put(header).put(payload).array()
        : json;
  }

  /// The result of a row; null when it cannot be read.
  public @Nullable JsonNode decode(byte[] row) {
    try {
      return JSON.read(Header.begins(row) ? unpack(ByteBuffer.wrap(row)) : row);
    } catch (UnreadableException e) {
      unreadable(e.reason());
    } catch (SerializationException e) {
      unreadable(Reason.DAMAGED);
    }
    return null;
  }

  private byte[] unpack(ByteBuffer row) throws UnreadableException {
    var header = Header.read(row);
    var payload = new byte[row.remaining()];
    row.get(payload);
    return Compression.decompress(payload, dictionary(header.dictionary()));
  }

  private @Nullable Dictionary dictionary(int id) throws UnreadableException {
    if (id == 0) {
      return null;
    }
    return dictionaries.withId(id).orElseThrow(() -> new UnreadableException(Reason.DICTIONARY));
  }

  private void unreadable(Reason reason) {
    meters
        .counter(
            "cache.layer.errors",
            "layer",
            "ledger",
            "reason",
            reason.name().toLowerCase(Locale.ROOT))
        .increment();
  }
}
