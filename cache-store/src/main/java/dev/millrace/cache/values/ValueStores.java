package dev.millrace.cache.values;

import dev.millrace.cache.ledger.Shelf;
import dev.millrace.cache.ledger.Stores;
import dev.millrace.cache.values.ValueDue.Kind;
import dev.millrace.contracts.JsonSerde;
import dev.millrace.contracts.ValueKey;
import dev.millrace.contracts.ValueReply;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.jspecify.annotations.Nullable;

/// What one partition keeps of values, typed: kinds of rows in one store with a changelog. Reading
/// and writing happen inside the task's transaction.
final class ValueStores implements ValueView {

  private static final String NAME = "values";

  private static final byte[] PRESENT = {1};
  private static final Bytes THE_TALLY = bytes("tally");
  private static final String PREFIXES = "prefix/";
  private static final char SEPARATOR = '\0';

  /// Sorts behind whatever a key can go on with.
  private static final char LAST = '\u007f';

  private static final JsonSerde<ValueRow> ROW = new JsonSerde<>(ValueRow.class);
  private static final JsonSerde<ValueReply> REPLY = new JsonSerde<>(ValueReply.class);
  private static final JsonSerde<Dropped> DROPPED = new JsonSerde<>(Dropped.class);
  private static final JsonSerde<Tally> TALLY = new JsonSerde<>(Tally.class);

  private final Shelf values;
  private final Shelf replies;
  private final Shelf due;

  /// The counters, and the prefixes that were deleted but not swept.
  private final Shelf marks;

  private final DroppedPrefixes dropped = new DroppedPrefixes();

  ValueStores(ProcessorContext<?, ?> context) {
    KeyValueStore<Bytes, byte[]> store = context.getStateStore(NAME);
    values = new Shelf(store, (byte) 'v');
    replies = new Shelf(store, (byte) 'r');
    due = new Shelf(store, (byte) 'd');
    marks = new Shelf(store, (byte) 'm');
    try (var rows = marks.range(bytes(PREFIXES), bytes(PREFIXES + LAST))) {
      rows.forEachRemaining(row -> dropped.add(DROPPED.read(row.value)));
    }
  }

  /// @param persistent RocksDB, or memory for tests of the rules alone
  static Set<StoreBuilder<?>> builders(boolean persistent) {
    return Set.of(Stores.builder(NAME, persistent));
  }

  @Override
  public @Nullable ValueRow row(ValueKey key) {
    return ROW.readNullable(values.get(bytes(key.toString())));
  }

  @Override
  public boolean droppedSince(ValueKey key, long generation) {
    return dropped.since(key, generation);
  }

  @Override
  public List<ValueKey> nextToExpire(int limit) {
    return due(Kind.VALUE, Instant.ofEpochMilli(Long.MAX_VALUE - 1), limit).stream()
        .map(row -> ValueKey.of(row.subject()))
        .toList();
  }

  @Override
  public Tally tally() {
    var tally = TALLY.readNullable(marks.get(THE_TALLY));
    return tally == null ? Tally.ZERO : tally;
  }

  /// Does what a command decided.
  void apply(ValueStep step) {
    marks.put(THE_TALLY, TALLY.write(step.tally()));
    step.changes().forEach(this::apply);
    var prefix = step.dropped();
    if (prefix != null) {
      dropped.add(prefix);
      marks.put(prefixKey(prefix), DROPPED.write(prefix));
    }
  }

  private void apply(ValueStep.Change change) {
    var before = change.before();
    var after = change.after();
    if (before != null && before.expiresAt() != null) {
      due.delete(expiry(change.key(), before.expiresAt()).key());
    }
    if (after != null && after.expiresAt() != null) {
      due.put(expiry(change.key(), after.expiresAt()).key(), PRESENT);
    }
    values.put(bytes(change.key().toString()), after == null ? null : ROW.write(after));
  }

  private static ValueDue expiry(ValueKey key, Instant at) {
    return new ValueDue(Kind.VALUE, at, key.toString());
  }

  /// Up to `limit` things of a kind whose time has come, the earliest first.
  List<ValueDue> due(Kind kind, Instant now, int limit) {
    var found = new ArrayList<ValueDue>();
    try (var rows = due.range(ValueDue.from(kind), ValueDue.until(kind, now))) {
      while (rows.hasNext() && found.size() < limit) {
        found.add(ValueDue.of(kind, rows.next().key));
      }
    }
    return found;
  }

  /// The answer a command has been given already.
  ///
  /// @param key a [#replyKey]
  @Nullable ValueReply reply(String key) {
    return REPLY.readNullable(replies.get(bytes(key)));
  }

  void remember(String key, ValueReply reply, Instant until) {
    replies.put(bytes(key), REPLY.write(reply));
    due.put(new ValueDue(Kind.COMMAND, until, key).key(), PRESENT);
  }

  void forget(ValueDue command) {
    replies.delete(bytes(command.subject()));
    due.delete(command.key());
  }

  /// Commands of different namespaces do not know each other's ids.
  static String replyKey(String namespace, String commandId) {
    return namespace + SEPARATOR + commandId;
  }

  /// One of the deleted prefixes whose values have not all been swept.
  Optional<Dropped> anyDropped() {
    return dropped.any();
  }

  /// Up to `limit` keys under a prefix behind `after`, in their order.
  ///
  /// @param after null: from the first
  List<ValueKey> under(Dropped prefix, @Nullable ValueKey after, int limit) {
    var first = new ValueKey(prefix.namespace(), prefix.prefix()).toString();
    var from = after == null ? first : after.toString() + SEPARATOR;
    var found = new ArrayList<ValueKey>();
    try (var rows = values.range(bytes(from), bytes(first + LAST))) {
      while (rows.hasNext() && found.size() < limit) {
        found.add(ValueKey.of(text(rows.next().key)));
      }
    }
    return found;
  }

  /// All values of a deleted prefix are swept.
  void swept(Dropped prefix) {
    dropped.remove(prefix);
    marks.delete(prefixKey(prefix));
  }

  private static Bytes prefixKey(Dropped prefix) {
    return bytes(PREFIXES + new ValueKey(prefix.namespace(), prefix.prefix()));
  }

  private static Bytes bytes(String text) {
    return Bytes.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String text(Bytes bytes) {
    return new String(bytes.get(), StandardCharsets.UTF_8);
  }
}
