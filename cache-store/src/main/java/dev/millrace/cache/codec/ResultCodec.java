package dev.millrace.cache.codec;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.cache.codec.UnreadableException.Reason;
import dev.millrace.contracts.JsonSerde;
import dev.millrace.contracts.RequestHash;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;

/// Results as rows: a [Header] and the JSON compressed, then encrypted where there is a key.
/// Without one, a result that gets no smaller is its JSON alone, as every row was that an earlier
/// release wrote.
///
/// A row that cannot be read is counted and given as none: whoever wanted it computes anew.
public final class ResultCodec {

  private static final JsonSerde<JsonNode> JSON = new JsonSerde<>(JsonNode.class);

  private final Dictionaries dictionaries;
  private final Keys keys;
  private final MeterRegistry meters;

  public ResultCodec(Dictionaries dictionaries, Keys keys, MeterRegistry meters) {
    this.dictionaries = dictionaries;
    this.keys = keys;
    this.meters = meters;
  }

  /// The row of a result.
  ///
  /// @param type of what it answers
  public byte[] encode(RequestHash hash, String type, JsonNode result) {
    var json = JSON.write(result);
    var dictionary = dictionaries.of(type).orElse(null);
    var frame = Compression.compress(json, dictionary);
    int id = dictionary == null ? 0 : dictionary.id();
    if (keys.current().isPresent()) {
      var header = new Header(id, keys.current().get());
      var key = keys.named(header.key()).orElseThrow();
      return row(header, Encryption.encrypt(key, context(header, hash), frame));
    }
    var row = row(new Header(id, ""), frame);
    return row.length < json.length ? row : json;
  }

  /// The JSON of the result in a row; null when it cannot be read. Nobody looks into a result
  /// before it is given, so it is not parsed here, but where that alone tells whether it is whole.
  public byte @Nullable [] decode(RequestHash hash, byte[] row) {
    try {
      return Header.begins(row) ? unpack(hash, ByteBuffer.wrap(row)) : parsed(row);
    } catch (UnreadableException e) {
      unreadable(e.reason());
    } catch (SerializationException e) {
      unreadable(Reason.DAMAGED);
    }
    return null;
  }

  /// Only what is compressed has a checksum; of this, one whole value is what counts.
  private static byte[] parsed(byte[] json) {
    return JSON.write(JSON.read(json));
  }

  private byte[] unpack(RequestHash hash, ByteBuffer row) throws UnreadableException {
    var header = Header.read(row);
    var payload = new byte[row.remaining()];
    row.get(payload);
    var frame = header.key().isEmpty() ? payload : decrypt(hash, header, payload);
    return Compression.decompress(frame, dictionary(header.dictionary()));
  }

  private byte[] decrypt(RequestHash hash, Header header, byte[] payload)
      throws UnreadableException {
    var key = keys.named(header.key()).orElseThrow(() -> new UnreadableException(Reason.KEY));
    return Encryption.decrypt(key, context(header, hash), payload);
  }

  private @Nullable Dictionary dictionary(int id) throws UnreadableException {
    if (id == 0) {
      return null;
    }
    return dictionaries.withId(id).orElseThrow(() -> new UnreadableException(Reason.DICTIONARY));
  }

  /// What an encrypted payload belongs to: under another hash or header it is damaged.
  private static byte[] context(Header header, RequestHash hash) {
    return join(header.bytes(), hash.hex().getBytes(StandardCharsets.US_ASCII));
  }

  private static byte[] row(Header header, byte[] payload) {
    return join(header.bytes(), payload);
  }

  private static byte[] join(byte[] first, byte[] second) {
    return ByteBuffer.allocate(first.length + second.length).put(first).put(second).array();
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
