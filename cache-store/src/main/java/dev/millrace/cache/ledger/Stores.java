package dev.millrace.cache.ledger;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.POJONode;
import com.fasterxml.jackson.databind.util.RawValue;
import dev.millrace.cache.codec.ResultCodec;
import dev.millrace.cache.layers.ResultCache;
import dev.millrace.cache.ledger.Entry.Answer;
import dev.millrace.cache.ledger.Rows.Counters;
import dev.millrace.cache.ledger.Rows.Ending;
import dev.millrace.cache.ledger.Rows.RequestKey;
import dev.millrace.cache.ledger.Rows.RequestRow;
import dev.millrace.cache.ledger.Rows.Running;
import dev.millrace.cache.ledger.Rows.Waiter;
import dev.millrace.cache.ledger.Rows.WaiterKey;
import dev.millrace.contracts.Command;
import dev.millrace.contracts.JobId;
import dev.millrace.contracts.JsonSerde;
import dev.millrace.contracts.Receipt;
import dev.millrace.contracts.RequestHash;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.jspecify.annotations.Nullable;

/// The ledger's stores of one partition, typed. All have changelogs; reading and writing happen
/// inside the task's transaction.
public final class Stores {

  private static final byte[] PRESENT = {1};
  private static final Bytes THE_COUNTERS = bytes("counters");
  private static final char SEPARATOR = '\0';
  private static final char DRY_RUN = '\1';

  private static final JsonSerde<Entry> ENTRY = new JsonSerde<>(Entry.class);
  private static final JsonSerde<ObjectNode> OBJECT = new JsonSerde<>(ObjectNode.class);
  private static final JsonSerde<Waiter> WAITER = new JsonSerde<>(Waiter.class);
  private static final JsonSerde<RequestRow> REQUEST = new JsonSerde<>(RequestRow.class);
  private static final JsonSerde<Receipt> RECEIPT = new JsonSerde<>(Receipt.class);
  private static final JsonSerde<Command> COMMAND = new JsonSerde<>(Command.class);
  private static final JsonSerde<Running> RUN = new JsonSerde<>(Running.class);
  private static final JsonSerde<Ending> ENDING = new JsonSerde<>(Ending.class);
  private static final JsonSerde<Counters> COUNTER = new JsonSerde<>(Counters.class);

  private final Shelf entries;
  private final Shelf results;
  private final Shelf params;
  private final Shelf waiters;
  private final Shelf requests;
  private final Shelf commands;
  private final Shelf running;
  private final Shelf endings;
  private final Shelf due;
  private final Shelf invalidations;
  private final Shelf counters;
  private final ResultCodec codec;
  private final ResultCache.Tenure memory;

  private final Map<String, Long> invalidatedIn = new ConcurrentHashMap<>();

  /// No row of a kind is due before this. To look costs more the more rows were deleted of late,
  /// and is done many times a second.
  private final Map<Due.Kind, Instant> noneBefore = new EnumMap<>(Due.Kind.class);

  private @Nullable Counters lastCounters;

  /// @param memory where results are kept for the next time
  Stores(ProcessorContext<?, ?> context, ResultCodec codec, ResultCache.Tenure memory) {
    this.codec = codec;
    this.memory = memory;
    entries = shelf(context, Kind.ENTRIES);
    results = shelf(context, Kind.RESULTS);
    params = shelf(context, Kind.PARAMS);
    waiters = shelf(context, Kind.WAITERS);
    requests = shelf(context, Kind.REQUESTS);
    commands = shelf(context, Kind.COMMANDS);
    running = shelf(context, Kind.RUNNING);
    endings = shelf(context, Kind.ENDINGS);
    due = shelf(context, Kind.DUE);
    invalidations = shelf(context, Kind.INVALIDATIONS);
    counters = shelf(context, Kind.COUNTERS);
    recall();
  }

  private static Shelf shelf(ProcessorContext<?, ?> context, Kind kind) {
    return new Shelf(context.getStateStore(kind.store().title()), kind.code());
  }

  /// What every event asks for is also kept in memory.
  private void recall() {
    lastCounters = COUNTER.readNullable(counters.get(THE_COUNTERS));
    try (var rows = invalidations.all()) {
      rows.forEachRemaining(
          row -> invalidatedIn.put(text(row.key), ByteBuffer.wrap(row.value).getLong()));
    }
  }

  /// The builders of all stores.
  ///
  /// @param persistent RocksDB, or memory for tests of the rules alone
  static Set<StoreBuilder<? extends StateStore>> builders(boolean persistent) {
    var builders = new LinkedHashSet<StoreBuilder<? extends StateStore>>();
    for (var store : Kind.Store.values()) {
      builders.add(builder(store.title(), persistent));
    }
    return builders;
  }

  /// The builder of one store with a changelog. Without the record cache of Streams: with a row it
  /// keeps the record that was being processed, which it does not count, and its room goes to the
  /// partition that fills it first.
  public static StoreBuilder<KeyValueStore<Bytes, byte[]>> builder(
      String name, boolean persistent) {
    var supplier =
        persistent
            ? org.apache.kafka.streams.state.Stores.persistentKeyValueStore(name)
            : org.apache.kafka.streams.state.Stores.inMemoryKeyValueStore(name);
    return org.apache.kafka.streams.state.Stores.keyValueStoreBuilder(
            supplier, Serdes.Bytes(), Serdes.ByteArray())
        .withCachingDisabled()
        .withLoggingEnabled(changelog());
  }

  /// Ranks are not times, so the changelogs stamp their own; and rows that are deleted leave them
  /// soon, or a restore would read what is long gone.
  private static Map<String, String> changelog() {
    return Map.of(
        TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, "LogAppendTime",
        TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(2 * 1024 * 1024),
        TopicConfig.MIN_CLEANABLE_DIRTY_RATIO_CONFIG, "0.1",
        TopicConfig.SEGMENT_MS_CONFIG, "600000",
        TopicConfig.MAX_COMPACTION_LAG_MS_CONFIG, "3600000",
        TopicConfig.DELETE_RETENTION_MS_CONFIG, "3600000");
  }

  Entry entry(RequestHash hash) {
    var entry = ENTRY.readNullable(entries.get(bytes(hash.hex())));
    return entry == null ? Entry.EMPTY : entry;
  }

  void put(RequestHash hash, Entry entry) {
    entries.put(bytes(hash.hex()), entry.isEmpty() ? null : ENTRY.write(entry));
  }

  /// Up to `limit` entries behind `after`, by hash; from the first when it is null.
  List<HashedEntry> entriesAfter(@Nullable RequestHash after, int limit) {
    var found = new ArrayList<HashedEntry>();
    var from = after == null ? null : bytes(after.hex() + SEPARATOR);
    try (var rows = entries.range(from, null)) {
      while (rows.hasNext() && found.size() < limit) {
        var row = rows.next();
        found.add(new HashedEntry(RequestHash.of(text(row.key)), ENTRY.read(row.value)));
      }
    }
    return found;
  }

  record HashedEntry(RequestHash hash, Entry entry) {}

  /// The result of the answer that the entry of a hash holds; null when it cannot be read. It can
  /// be written and not looked into: to parse it would be most of what a hit costs.
  @Nullable JsonNode result(RequestHash hash, Answer answer) {
    return isLarge(answer)
        ? peekResult(hash, answer)
        : unparsed(memory.get(hash, answer.epoch(), () -> stored(hash)));
  }

  /// The same for other threads than the ledger's.
  @Nullable JsonNode peekResult(RequestHash hash, Answer answer) {
    return unparsed(memory.peek(hash, answer.epoch(), () -> stored(hash)));
  }

  private static @Nullable JsonNode unparsed(byte @Nullable [] json) {
    return json == null
        ? null
        : new POJONode(new RawValue(new String(json, StandardCharsets.UTF_8)));
  }

  private static boolean isLarge(Answer answer) {
    return answer.resultBytes() != null && answer.resultBytes() > ResultCache.LARGEST_BYTES;
  }

  private byte @Nullable [] stored(RequestHash hash) {
    var row = results.get(bytes(hash.hex()));
    return row == null ? null : codec.decode(hash, row);
  }

  /// The size of the result of a hash as it is stored.
  long resultBytes(RequestHash hash) {
    var value = results.get(bytes(hash.hex()));
    return value == null ? 0 : value.length;
  }

  void putResult(RequestHash hash, String type, JsonNode result) {
    results.put(bytes(hash.hex()), codec.encode(hash, type, result));
  }

  void dropResult(RequestHash hash) {
    results.delete(bytes(hash.hex()));
  }

  @Nullable ObjectNode params(JobId jobId) {
    return OBJECT.readNullable(params.get(bytes(jobId.value())));
  }

  void putParams(JobId jobId, @Nullable ObjectNode value) {
    params.put(bytes(jobId.value()), value == null ? null : OBJECT.write(value));
  }

  @Nullable Waiter waiter(RequestHash hash, WaiterKey key) {
    return WAITER.readNullable(waiters.get(waiterKey(hash, key.cohort(), key.number())));
  }

  void putWaiter(RequestHash hash, WaiterKey key, @Nullable Waiter waiter) {
    waiters.put(
        waiterKey(hash, key.cohort(), key.number()), waiter == null ? null : WAITER.write(waiter));
  }

  /// Up to `limit` waiters of a cohort behind number `after`, in the order they came.
  List<NumberedWaiter> waiters(RequestHash hash, long cohort, long after, int limit) {
    var found = new ArrayList<NumberedWaiter>();
    try (var rows =
        waiters.range(
            waiterKey(hash, cohort, after + 1), waiterKey(hash, cohort, Long.MAX_VALUE))) {
      while (rows.hasNext() && found.size() < limit) {
        var row = rows.next();
        long number = ByteBuffer.wrap(row.key.get()).getLong(row.key.get().length - 8);
        found.add(new NumberedWaiter(number, WAITER.read(row.value)));
      }
    }
    return found;
  }

  record NumberedWaiter(long number, Waiter waiter) {}

  @Nullable RequestRow request(RequestKey key) {
    return REQUEST.readNullable(requests.get(bytes(requestKey(key))));
  }

  void put(RequestKey key, RequestRow row) {
    requests.put(bytes(requestKey(key)), REQUEST.write(row));
  }

  /// Whether the row of this key is that of a request which has not ended.
  boolean waits(String key) {
    var value = requests.get(bytes(key));
    return value != null && !Arrays.equals(value, PRESENT) && REQUEST.read(value).end() == null;
  }

  /// Forgets a request, or a cancel that was remembered, by its row's key.
  void dropRequest(String key) {
    requests.delete(bytes(key));
  }

  /// Every request a caller has made under one name, whatever it asked.
  Map<RequestKey, RequestRow> requests(@Nullable String organizationId, String requestId) {
    var found = new java.util.LinkedHashMap<RequestKey, RequestRow>();
    var prefix = callerKey(organizationId, requestId);
    try (var rows = requests.range(bytes(prefix + '0'), bytes(prefix + 'g'))) {
      while (rows.hasNext()) {
        var row = rows.next();
        var key = new String(row.key.get(), StandardCharsets.UTF_8);
        var hash = RequestHash.of(key.substring(prefix.length()));
        found.put(new RequestKey(organizationId, requestId, hash), REQUEST.read(row.value));
      }
    }
    return found;
  }

  boolean cancelledAhead(@Nullable String organizationId, String requestId) {
    return requests.get(bytes(callerKey(organizationId, requestId))) != null;
  }

  void rememberCancel(@Nullable String organizationId, String requestId) {
    requests.put(bytes(callerKey(organizationId, requestId)), PRESENT);
  }

  @Nullable Receipt receipt(String commandId) {
    return RECEIPT.readNullable(commands.get(bytes(commandId)));
  }

  void putReceipt(String commandId, @Nullable Receipt receipt) {
    commands.put(bytes(commandId), receipt == null ? null : RECEIPT.write(receipt));
  }

  /// Dry runs of invalidations that are not answered lie beside the receipts.
  void putDryRun(String commandId, Command.Invalidate command) {
    commands.put(bytes(DRY_RUN + commandId), COMMAND.write(command));
  }

  boolean hasDryRun(String commandId) {
    return commands.get(bytes(DRY_RUN + commandId)) != null;
  }

  void dropDryRun(String commandId) {
    commands.delete(bytes(DRY_RUN + commandId));
  }

  Command.@Nullable Invalidate firstDryRun() {
    var from = Character.toString(DRY_RUN);
    try (var rows = commands.range(bytes(from), bytes(from + '\u007f'))) {
      return rows.hasNext() ? (Command.Invalidate) COMMAND.read(rows.next().value) : null;
    }
  }

  void putRunning(RequestHash hash, @Nullable Running run) {
    running.put(bytes(hash.hex()), run == null ? null : RUN.write(run));
  }

  void eachRunning(BiConsumer<RequestHash, Running> action) {
    try (var rows = running.all()) {
      while (rows.hasNext()) {
        var row = rows.next();
        action.accept(RequestHash.of(text(row.key)), RUN.read(row.value));
      }
    }
  }

  void put(Ending ending) {
    endings.put(bytes(endingKey(ending)), ENDING.write(ending));
  }

  void drop(Ending ending) {
    endings.delete(bytes(endingKey(ending)));
  }

  /// The oldest end whose completions are still being written.
  @Nullable Ending firstEnding() {
    try (var rows = endings.all()) {
      return rows.hasNext() ? ENDING.read(rows.next().value) : null;
    }
  }

  void add(Due row) {
    due.put(row.key(), PRESENT);
    noneBefore.computeIfPresent(row.kind(), (kind, at) -> at.isBefore(row.at()) ? at : row.at());
  }

  void drop(Due row) {
    due.delete(row.key());
  }

  /// Up to `limit` rows of a kind whose time has come, the earliest first.
  List<Due> due(Due.Kind kind, Instant now, int limit) {
    if (now.isBefore(noneBefore.getOrDefault(kind, now))) {
      return List.of();
    }
    var found = new ArrayList<Due>();
    var next = Instant.MAX;
    try (var rows = rows(kind)) {
      while (rows.hasNext() && next.equals(Instant.MAX)) {
        var row = Due.of(rows.next().key);
        if (found.size() == limit || row.at().isAfter(now)) {
          next = row.at();
        } else {
          found.add(row);
        }
      }
    }
    noneBefore.put(kind, next);
    return found;
  }

  private KeyValueIterator<Bytes, byte[]> rows(Due.Kind kind) {
    return due.range(Due.from(kind), Due.behind(kind));
  }

  /// Every row of a kind, whenever it is due.
  List<Due> allDue(Due.Kind kind) {
    var found = new ArrayList<Due>();
    try (var rows = rows(kind)) {
      rows.forEachRemaining(row -> found.add(Due.of(row.key)));
    }
    return found;
  }

  long invalidated(Subject subject) {
    return invalidatedIn.getOrDefault(subject.key(), 0L);
  }

  void invalidate(Subject subject, long generation) {
    invalidations.put(
        bytes(subject.key()), ByteBuffer.allocate(Long.BYTES).putLong(generation).array());
    invalidatedIn.put(subject.key(), generation);
  }

  /// The keys of all subjects of a kind that were ever invalidated.
  void eachInvalidated(Subject.Kind kind, Consumer<String> action) {
    var prefix = new Subject(kind, "").key();
    invalidatedIn.keySet().stream().filter(key -> key.startsWith(prefix)).forEach(action);
  }

  @Nullable Counters counters() {
    return lastCounters;
  }

  void put(Counters value) {
    counters.put(THE_COUNTERS, COUNTER.write(value));
    lastCounters = value;
  }

  /// The key of a request's row: caller, request id and hash.
  static String requestKey(RequestKey key) {
    return callerKey(key.organizationId(), key.requestId()) + key.hash().hex();
  }

  /// The key under which a cancel that came first is remembered: the request's row without its
  /// hash.
  static String callerKey(@Nullable String organizationId, String requestId) {
    return (organizationId == null ? "" : organizationId) + SEPARATOR + requestId + SEPARATOR;
  }

  private static String endingKey(Ending ending) {
    return ending.hash().hex() + SEPARATOR + ending.number();
  }

  private static Bytes waiterKey(RequestHash hash, long cohort, long number) {
    var hex = hash.hex().getBytes(StandardCharsets.US_ASCII);
    return Bytes.wrap(
        ByteBuffer.allocate(hex.length + 16).put(hex).putLong(cohort).putLong(number).array());
  }

  private static Bytes bytes(String text) {
    return Bytes.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String text(Bytes bytes) {
    return new String(bytes.get(), StandardCharsets.UTF_8);
  }
}
