package dev.millrace.cache.ledger;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import dev.millrace.cache.codec.Dictionaries;
import dev.millrace.cache.codec.Keys;
import dev.millrace.cache.codec.ResultCodec;
import dev.millrace.cache.eviction.Budget;
import dev.millrace.cache.eviction.EvictionPolicy;
import dev.millrace.cache.layers.ResultCache;
import dev.millrace.contracts.Admitted;
import dev.millrace.contracts.Command;
import dev.millrace.contracts.Outcome;
import dev.millrace.contracts.Setting;
import dev.millrace.contracts.Tier;
import dev.millrace.contracts.Topic;
import dev.millrace.contracts.Topics;
import dev.millrace.runtime.Ranking;
import dev.millrace.runtime.Resources;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/// The real processor of one ledger partition, with every input, output, store row and tick of the
/// clock in the hands of the simulation. A takeover is a new process over the rows of the old one.
final class SimulatedLedger implements AutoCloseable {

  static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  static final Duration DEDUPE_WINDOW = Duration.ofDays(8);

  /// Stands for a row that is not written at all.
  static final byte[] NOT_WRITTEN = {};

  private final Topics topics = new Topics("millrace.");
  private final Map<String, Topic<?>> byName = new HashMap<>();
  private final Map<String, TestInputTopic<byte[], byte[]>> inputs = new HashMap<>();
  private final Map<String, KeyValueStore<Bytes, byte[]>> stores = new HashMap<>();
  private final ResultCache memory;
  private final Budget budget;
  private final Fault fault;
  private final Consumer<Object> outputs;
  private final Log log = new Log();
  private TopologyTestDriver driver;
  private Map<Kind, List<KeyValue<Bytes, byte[]>>> inherited = Map.of();
  private @Nullable Object input;
  private long incarnation = -1;
  private long nanos;
  private long wallMillis = START.toEpochMilli();

  /// @param budget what it may hold
  /// @param fault what is wrong with this ledger
  /// @param outputs gets everything the ledger sends, in order
  SimulatedLedger(Budget budget, Fault fault, Consumer<Object> outputs) {
    this.budget = budget;
    this.fault = fault;
    this.outputs = outputs;
    topics.all().forEach(topic -> byName.put(topic.name(), topic));
    log.attach();
    memory = ResultCache.open(new ResultCache.Sizes(1_000, 0), resources());
    driver = start();
  }

  Budget budget() {
    return budget;
  }

  /// What the ledger logged as an error: it put something aside that it should have understood.
  List<String> errors() {
    return log.errors;
  }

  /// Monotonic time, ns.
  long nanos() {
    return nanos;
  }

  Instant wall() {
    return Instant.ofEpochMilli(wallMillis);
  }

  /// What the ledger is processing: a request, an outcome, a command, or null when time passes.
  @Nullable Object input() {
    return input;
  }

  void put(Object value) {
    switch (value) {
      case Admitted request ->
          put(topics.admitted(request.tier()), request.requestHash().hex(), request);
      case Outcome outcome -> put(topics.outcomes(), outcome.requestHash().hex(), outcome);
      case Command command -> put(topics.admittedCommands(), "0", command);
      default -> throw new IllegalArgumentException("no input: " + value);
    }
  }

  /// Moves both clocks and lets every punctuation run once.
  void pass(Duration time) {
    passUnseen(time);
    driver.advanceWallClockTime(time);
  }

  /// Moves both clocks while the process gets no time to look.
  void passUnseen(Duration time) {
    nanos += time.toNanos();
    wallMillis += time.toMillis();
  }

  /// Sets the wall clock to another time.
  void jump(Duration by) {
    wallMillis += by.toMillis();
  }

  void takeOver() {
    var rows = new HashMap<Kind, List<KeyValue<Bytes, byte[]>>>();
    for (var kind : Kind.values()) {
      rows.put(kind, rows(kind));
    }
    driver.close();
    inputs.clear();
    stores.clear();
    inherited = rows;
    driver = start();
  }

  List<KeyValue<Bytes, byte[]>> rows(Kind kind) {
    var rows = new ArrayList<KeyValue<Bytes, byte[]>>();
    try (var all = new Shelf(stores.get(kind.store().title()), kind.code()).all()) {
      all.forEachRemaining(rows::add);
    }
    return rows;
  }

  @Override
  public void close() {
    driver.close();
    memory.close();
    log.detach();
  }

  private Resources resources() {
    return new Resources(
        this::wall, () -> fault.nanos(nanos), new Random(1), new SimpleMeterRegistry());
  }

  private TopologyTestDriver start() {
    var resources = resources();
    var settings =
        new Ledger.LedgerSettings(
            DEDUPE_WINDOW,
            1,
            EvictionPolicy.COST_AWARE,
            budget,
            new Ledger.LedgerSettings.Limits(50, 100_000),
            new ResultCodec(Dictionaries.NONE, Keys.NONE, resources.meters()),
            memory,
            (_, _) -> false,
            new Settings(),
            new LedgerReads(1, resources),
            null);
    var real = Ledger.supplier(topics, settings, new Ranking(), resources, false);
    var topology = new Topology();
    var sources = new ArrayList<String>();
    var read = new ArrayList<Topic<?>>(List.of(topics.outcomes(), topics.admittedCommands()));
    for (var tier : Tier.values()) {
      read.add(topics.admitted(tier));
    }
    for (var topic : read) {
      topology.addSource(
          topic.name(), new ByteArrayDeserializer(), new ByteArrayDeserializer(), topic.name());
      sources.add(topic.name());
    }
    topology.addProcessor("ledger", new Watched(real), sources.toArray(String[]::new));
    var properties = new Properties();
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "ledger-simulation");
    properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "nowhere:1");
    return new TopologyTestDriver(topology, properties, START.plusNanos(nanos));
  }

  private <V> void put(Topic<V> topic, String key, V value) {
    var pipe =
        inputs.computeIfAbsent(
            topic.name(),
            name ->
                driver.createInputTopic(
                    name, new ByteArraySerializer(), new ByteArraySerializer()));
    input = value;
    pipe.pipeInput(key.getBytes(StandardCharsets.UTF_8), topic.serde().write(value), START);
    input = null;
  }

  private void sent(Record<byte[], byte[]> record, String topic) {
    var kind = byName.get(topic);
    if (kind.equals(topics.rejected())) {
      outputs.accept(record);
      return;
    }
    var value = fault.sent(this, kind.serde().read(record.value()));
    if (value != null) {
      if (value instanceof Setting setting && setting.count() != null) {
        incarnation = setting.count();
      }
      outputs.accept(value);
    }
  }

  private final class Settings implements Ledger.LedgerSettings.Shared {
    @Override
    public boolean paused(Tier lane) {
      return false;
    }

    @Override
    public long incarnation(int partition) {
      return incarnation;
    }
  }

  private final class Watched implements ProcessorSupplier<byte[], byte[], byte[], byte[]> {

    private final ProcessorSupplier<byte[], byte[], byte[], byte[]> real;

    private Watched(ProcessorSupplier<byte[], byte[], byte[], byte[]> real) {
      this.real = real;
    }

    @Override
    public Set<StoreBuilder<?>> stores() {
      return real.stores();
    }

    @Override
    public Processor<byte[], byte[], byte[], byte[]> get() {
      var ledger = real.get();
      return new Processor<>() {
        @Override
        public void init(ProcessorContext<byte[], byte[]> context) {
          ledger.init(watched(context));
        }

        @Override
        public void process(Record<byte[], byte[]> record) {
          ledger.process(record);
        }
      };
    }
  }

  @SuppressWarnings("unchecked")
  private ProcessorContext<byte[], byte[]> watched(ProcessorContext<byte[], byte[]> context) {
    return (ProcessorContext<byte[], byte[]>)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {ProcessorContext.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "forward" -> {
                    sent((Record<byte[], byte[]>) arguments[0], (String) arguments[1]);
                    yield null;
                  }
                  case "getStateStore" -> store((String) arguments[0], context);
                  default -> call(() -> method.invoke(context, arguments));
                });
  }

  @SuppressWarnings("unchecked")
  private KeyValueStore<Bytes, byte[]> store(
      String name, ProcessorContext<byte[], byte[]> context) {
    KeyValueStore<Bytes, byte[]> store = context.getStateStore(name);
    if (stores.put(name, store) == null) {
      inherit(name, store);
    }
    if (fault.equals(Fault.NONE)) {
      return store;
    }
    return (KeyValueStore<Bytes, byte[]>)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {KeyValueStore.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "get" -> {
                    var key = (Bytes) arguments[0];
                    yield fault.read(this, Kind.of(key), Shelf.key(key), store.get(key));
                  }
                  case "put" -> {
                    var key = (Bytes) arguments[0];
                    var value =
                        fault.written(this, Kind.of(key), Shelf.key(key), (byte[]) arguments[1]);
                    if (!Arrays.equals(value, NOT_WRITTEN)) {
                      store.put(key, value);
                    }
                    yield null;
                  }
                  default -> call(() -> method.invoke(store, arguments));
                });
  }

  /// A new process finds the rows of the old one.
  private void inherit(String name, KeyValueStore<Bytes, byte[]> store) {
    inherited.forEach((kind, rows) -> {
      if (kind.store().title().equals(name) && fault.inherits(kind)) {
        var shelf = new Shelf(store, kind.code());
        rows.forEach(row -> shelf.put(row.key, row.value));
      }
    });
  }

  /// Takes the ledger's log in. Other ledgers log in other threads.
  private static final class Log extends AppenderBase<ILoggingEvent> {
    private static final Logger LOGGER = (Logger) LoggerFactory.getLogger(Ledger.class);
    private static final AtomicInteger ATTACHED = new AtomicInteger();

    private final Thread thread = Thread.currentThread();
    private final List<String> errors = new ArrayList<>();

    void attach() {
      setContext(LOGGER.getLoggerContext());
      start();
      LOGGER.addAppender(this);
      LOGGER.setAdditive(false);
      ATTACHED.incrementAndGet();
    }

    void detach() {
      LOGGER.detachAppender(this);
      LOGGER.setAdditive(ATTACHED.decrementAndGet() == 0);
    }

    @Override
    protected void append(ILoggingEvent event) {
      if (event.getLevel() == Level.ERROR && Thread.currentThread().equals(thread)) {
        var thrown = event.getThrowableProxy();
        errors.add(
            event.getFormattedMessage() + (thrown == null ? "" : ": " + thrown.getMessage()));
      }
    }
  }

  private interface Call {
    Object run() throws ReflectiveOperationException;
  }

  private static Object call(Call call) throws Throwable {
    try {
      return call.run();
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
