package dev.millrace.bench;

import dev.millrace.cache.CacheConfig;
import dev.millrace.contracts.Topics;
import dev.millrace.runtime.CommonConfig;
import dev.millrace.runtime.KafkaClients;
import dev.millrace.runtime.Resources;
import dev.millrace.runtime.Settings;
import dev.millrace.runtime.Settings.Sources;
import dev.millrace.workers.WorkersConfig;
import dev.millrace.workers.WorkersService;
import dev.millrace.workers.handlers.CommandHandler;
import dev.millrace.workers.handlers.Handlers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/// What benchmarks stand on: a running product that knows the type `bench` and has no slots, a
/// worker in this process that has ten, and the ways to ask.
public final class Stand implements AutoCloseable {

  /// How many jobs run at once, here as with the peers.
  static final int SLOTS = 10;

  /// What jobs that any worker can run are made of.
  static final String PROGRAM = "sleep";

  private static final long READY_NANOS = 60_000_000_000L;
  private static final long SETTLED_NANOS = 300_000_000_000L;

  private final KafkaClients clients;
  private final Topics names;
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private final BenchHandler handler = new BenchHandler();
  private final WorkersService workers;
  private final RawHop raw;
  private final TopicsWay topics;
  private final DoorWay door;
  private final String run;
  private int questions;

  private Stand(Settings product, URI http, Resources resources) throws InterruptedException {
    run = "%08x".formatted(resources.random().nextInt());
    clients = new KafkaClients(product);
    names = new Topics(product.text(CommonConfig.TOPIC_PREFIX));
    workers = opened(workers(product, handler, resources));
    raw = opened(RawHop.open(clients, names.prefix(), resources.nanoTime()));
    topics = opened(new TopicsWay(clients, names, "t-" + run, resources.nanoTime()));
    door = opened(new DoorWay(http, "h-" + run, resources.nanoTime()));
    await(
        workers::ready, READY_NANOS, () -> "the bench's worker is not ready: " + workers.details());
  }

  /// What a product must be told to be measured.
  ///
  /// @param folder where the definition of the type `bench` is put
  public static Map<String, String> settings(Path folder) {
    try (var in =
        Objects.requireNonNull(
            Stand.class.getResourceAsStream("bench.json"), "bench.json is on the class path")) {
      Files.copy(in, folder.resolve("bench.json"));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the type definition", e);
    }
    return Map.of(
        CommonConfig.TYPES_DIR,
        folder.toString(),
        WorkersConfig.SLOTS,
        "0",
        CacheConfig.MAX_ENTRIES,
        "2000000",
        // A partition goes to a new instance at once, not when that one has caught up on its own.
        "streams.acceptable.recovery.lag",
        Long.toString(Long.MAX_VALUE));
  }

  /// Stands on what runs, until it is closed.
  ///
  /// @param product the settings of what runs
  /// @param http where its door is
  public static Stand over(Settings product, URI http, Resources resources)
      throws InterruptedException {
    return new Stand(product, http, resources);
  }

  private static WorkersService workers(
      Settings product, BenchHandler handler, Resources resources) {
    var settings =
        Settings.load(
            WorkersConfig.def(),
            new Sources(
                Map.of(),
                Map.of(),
                Map.of(
                    CommonConfig.BOOTSTRAP_SERVERS, product.text(CommonConfig.BOOTSTRAP_SERVERS),
                    CommonConfig.TOPIC_PREFIX, product.text(CommonConfig.TOPIC_PREFIX),
                    CommonConfig.BLOBS_DIR, product.text(CommonConfig.BLOBS_DIR),
                    WorkersConfig.SLOTS, Integer.toString(SLOTS),
                    WorkersConfig.RECORDS, Integer.toString(SLOTS))));
    var program = new CommandHandler();
    program.configure(Map.of(CommandHandler.ALLOW, List.of(PROGRAM)));
    return WorkersService.start(
        WorkersConfig.of(settings), settings, new Handlers(List.of(handler, program)), resources);
  }

  private <T extends AutoCloseable> T opened(T part) {
    opened.push(part);
    return part;
  }

  KafkaClients clients() {
    return clients;
  }

  Topics names() {
    return names;
  }

  Way raw() {
    return raw;
  }

  Way topics() {
    return topics;
  }

  DoorWay door() {
    return door;
  }

  /// Waits until the history knows what was asked so far: after a burst it is behind, and catching
  /// up takes the machine from whatever is measured next.
  void settle() throws InterruptedException {
    await(() -> door.historyLag() == 0, SETTLED_NANOS, () -> "the history does not catch up");
  }

  private interface Condition {
    boolean holds() throws InterruptedException;
  }

  private static void await(Condition condition, long nanos, Supplier<String> failure)
      throws InterruptedException {
    long end = System.nanoTime() + nanos;
    while (!condition.holds()) {
      LockSupport.parkNanos(10_000_000);
      if (System.nanoTime() > end || Thread.interrupted()) {
        throw new IllegalStateException(failure.get());
      }
    }
  }

  /// How often a job was run.
  long runs() {
    return handler.runs();
  }

  /// The beginning of keys nobody has asked for.
  String fresh() {
    return run + "-" + ++questions + "-";
  }

  @Override
  public void close() {
    opened.forEach(part -> {
      try {
        part.close();
      } catch (Exception e) {
        throw new IllegalStateException("a part of the bench did not close", e);
      }
    });
  }
}
