package dev.millrace.cache.ledger;

import java.util.Arrays;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/// The rows of one kind, as if they had a store of their own. Their keys begin with its code.
public final class Shelf {

  private final KeyValueStore<Bytes, byte[]> store;
  private final byte code;

  public Shelf(KeyValueStore<Bytes, byte[]> store, byte code) {
    this.store = store;
    this.code = code;
  }

  public byte @Nullable [] get(Bytes key) {
    return store.get(placed(key));
  }

  /// Writes a row.
  ///
  /// @param value null deletes
  public void put(Bytes key, byte @Nullable [] value) {
    store.put(placed(key), value);
  }

  public void delete(Bytes key) {
    store.delete(placed(key));
  }

  public KeyValueIterator<Bytes, byte[]> all() {
    return range(null, null);
  }

  /// The rows between two keys, in their order.
  ///
  /// @param from null: from the first
  /// @param to inclusive; null: to the last
  public KeyValueIterator<Bytes, byte[]> range(@Nullable Bytes from, @Nullable Bytes to) {
    var first = from == null ? Bytes.wrap(new byte[] {code}) : placed(from);
    var last = to == null ? Bytes.wrap(new byte[] {(byte) (code + 1)}) : placed(to);
    return new Rows(store.range(first, last));
  }

  private Bytes placed(Bytes key) {
    byte[] bytes = key.get();
    byte[] placed = new byte[bytes.length + 1];
    placed[0] = code;
    System.arraycopy(bytes, 0, placed, 1, bytes.length);
    return Bytes.wrap(placed);
  }

  private record Rows(KeyValueIterator<Bytes, byte[]> placed)
      implements KeyValueIterator<Bytes, byte[]> {

    @Override
    public boolean hasNext() {
      return placed.hasNext();
    }

    @Override
    public KeyValue<Bytes, byte[]> next() {
      var row = placed.next();
      return KeyValue.pair(key(row.key), row.value);
    }

    @Override
    public Bytes peekNextKey() {
      return key(placed.peekNextKey());
    }

    @Override
    public void close() {
      placed.close();
    }
  }

  /// The key of a row within its kind.
  static Bytes key(Bytes placed) {
    return Bytes.wrap(Arrays.copyOfRange(placed.get(), 1, placed.get().length));
  }
}
