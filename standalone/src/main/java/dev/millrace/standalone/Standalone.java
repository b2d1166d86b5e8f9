package dev.millrace.standalone;

import dev.millrace.cache.CacheConfig;
import dev.millrace.cache.CacheService;
import dev.millrace.contracts.Topics;
import dev.millrace.publisher.PublisherConfig;
import dev.millrace.publisher.PublisherService;
import dev.millrace.runtime.CommonConfig;
import dev.millrace.runtime.KafkaClients;
import dev.millrace.runtime.Resources;
import dev.millrace.runtime.Service;
import dev.millrace.runtime.Settings;
import dev.millrace.runtime.Settings.Sources;
import dev.millrace.runtime.Threads;
import dev.millrace.runtime.TopicAdmin;
import dev.millrace.runtime.reads.LedgerReader;
import dev.millrace.runtime.reads.LedgerUnavailableException;
import dev.millrace.security.Role;
import dev.millrace.workers.WorkersConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Everything in this JVM: broker, database, topics and the four services, their data in one
/// folder.
///
/// ```
/// <data dir>/kafka  postgres  state (the ledger's stores)  dictionaries  blobs (large results)
///            security (when clients have to log in)
/// ```
///
/// The folder survives a killed process: the topics hold the truth, the stores and the history are
/// continued or built from them.
public final class Standalone implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Standalone.class);
  private static final Duration READY = Duration.ofSeconds(90);

  /// When each is given up at the latest, counted from the beginning of the stop.
  private static final Duration WORKERS_STOPPED = Duration.ofMillis(4_500);

  private static final Duration SERVICES_STOPPED = Duration.ofMillis(7_500);
  private static final Duration SERVERS_STOPPED = Duration.ofMillis(9_500);

  /// Less than a worker alone would take: here everything has to stop within ten seconds.
  private static final String DRAIN_MS = "1000";

  private final ExecutorService threads;
  private final Map<Part, Service> services = new EnumMap<>(Part.class);
  private final List<AutoCloseable> servers = new ArrayList<>();
  private @Nullable Settings settings;
  private @Nullable BrokerSecurity security;
  private boolean closed;

  private Standalone(ExecutorService threads) {
    this.threads = threads;
  }

  /// What is asked of one start.
  ///
  /// @param kafkaPort 0: the port used last time if it is free, else any
  /// @param sources of the settings of all services; where the embedded parts are is added to them
  /// @param secure whether clients of Kafka log in, over TLS, the services here each in its role
  public record Options(Path dataDir, int kafkaPort, Sources sources, boolean secure) {

    public Options {
      dataDir = dataDir.toAbsolutePath().normalize();
    }

    /// Anybody on this machine may do everything.
    public Options(Path dataDir, int kafkaPort, Sources sources) {
      this(dataDir, kafkaPort, sources, false);
    }
  }

  /// Starts everything and returns when all of it does its work.
  ///
  /// @throws IllegalStateException when a part cannot start; whatever had started is stopped again
  /// @throws InterruptedException when this thread is interrupted; nothing stays behind either
  public static Standalone start(Options options, Resources resources) throws InterruptedException {
    var standalone = new Standalone(Executors.newCachedThreadPool(Threads.platform("standalone")));
    try {
      standalone.startServers(options, resources);
      standalone.startServices(resources);
      standalone.awaitReady();
      return standalone;
    } catch (InterruptedException | RuntimeException e) {
      standalone.close();
      throw e;
    }
  }

  private void startServers(Options options, Resources resources) throws InterruptedException {
    if (options.secure()) {
      security = security(options.dataDir().resolve("security"));
    }
    var postgres =
        begin(() -> server(EmbeddedPostgreSql.start(options.dataDir().resolve("postgres"), 0)));
    var kafka = begin(() -> startKafka(options, resources));
    awaitAll(List.of(postgres, kafka));
    settings = settings(options, kafka.resultNow(), postgres.resultNow());
  }

  private static BrokerSecurity security(Path folder) {
    try {
      return BrokerSecurity.in(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot keep certificate and passwords in " + folder + ": " + e.getMessage(), e);
    }
  }

  private EmbeddedKafka startKafka(Options options, Resources resources)
      throws IOException, InterruptedException {
    var broker =
        server(
            EmbeddedKafka.start(
                options.dataDir().resolve("kafka"),
                options.kafkaPort(),
                security == null ? Map.of() : security.broker()));
    var bare = settings(options, broker, null);
    if (security != null) {
      security.admit(broker.bootstrapServers(), new Topics(bare.text(CommonConfig.TOPIC_PREFIX)));
    }
    createTopics(as(Role.OPERATOR, bare), resources);
    return broker;
  }

  private static void createTopics(Settings settings, Resources resources) {
    var topics = new Topics(settings.text(CommonConfig.TOPIC_PREFIX));
    try (var admin =
        new TopicAdmin(new KafkaClients(settings), topics, settings, resources.clock())) {
      var made = admin.create();
      if (!made.isEmpty()) {
        LOG.info("created the topics count={}", made.size());
      }
    }
  }

  private void startServices(Resources resources) throws InterruptedException {
    var starts = new ArrayList<Future<Service>>();
    for (var part : Part.values()) {
      starts.add(
          begin(() -> {
            var service = start(part, resources);
            synchronized (services) {
              services.put(part, service);
            }
            return service;
          }));
    }
    awaitAll(starts);
  }

  private Service start(Part part, Resources resources) {
    var own = as(role(part), bare());
    return part == Part.PUBLISHER
        ? PublisherService.start(
            PublisherConfig.from(own), own, resources, Optional.of(this::ledgers))
        : part.start(own, resources);
  }

  private static Role role(Part part) {
    return switch (part) {
      case INTAKE -> Role.INTAKE;
      case CACHE_STORE -> Role.CACHE_STORE;
      case WORKERS -> Role.WORKERS;
      case PUBLISHER -> Role.PUBLISHER;
    };
  }

  private Settings as(Role role, Settings bare) {
    return security == null ? bare : bare.withClients(security.client(role));
  }

  /// The ledgers of this process.
  private LedgerReader ledgers() {
    synchronized (services) {
      if (services.get(Part.CACHE_STORE) instanceof CacheService cacheStore) {
        return cacheStore.reads();
      }
    }
    throw new LedgerUnavailableException("the cache-store has not started yet");
  }

  private void awaitReady() throws InterruptedException {
    var ticks = new CountDownLatch(1);
    long end = System.nanoTime() + READY.toNanos();
    while (!ready()) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException(
            "not ready within " + READY.toSeconds() + " s: " + String.join(", ", notReady()));
      }
      if (ticks.await(10, TimeUnit.MILLISECONDS)) {
        return;
      }
    }
  }

  /// Whether every service does its work.
  public boolean ready() {
    return notReady().isEmpty();
  }

  private List<String> notReady() {
    synchronized (services) {
      return services.values().stream()
          .filter(service -> !service.ready())
          .map(Service::name)
          .toList();
    }
  }

  /// The settings of all services, the embedded servers' addresses among them, and where clients
  /// log in, the operator's login.
  public Settings settings() {
    return as(Role.OPERATOR, bare());
  }

  /// What a role's client is told where clients log in, as a file for `--config`.
  public Optional<Path> login(Role role) {
    return Optional.ofNullable(security).map(it -> it.file(role));
  }

  private Settings bare() {
    if (settings == null) {
      throw new IllegalStateException("the servers are not started yet");
    }
    return settings;
  }

  public String bootstrapServers() {
    return settings().text(CommonConfig.BOOTSTRAP_SERVERS);
  }

  /// Where the HTTP door is, such as `http://127.0.0.1:8080`.
  public String http() {
    synchronized (services) {
      return services.get(Part.PUBLISHER) instanceof PublisherService publisher
          ? publisher.address()
          : "";
    }
  }

  /// What each service says of itself.
  public Map<String, Map<String, Object>> details() {
    var details = new LinkedHashMap<String, Map<String, Object>>();
    synchronized (services) {
      services.forEach((part, service) -> details.put(service.name(), service.details()));
    }
    return details;
  }

  /// Workers give back what they hold and tell the ledger; then the others stop; the servers last.
  /// All of it takes less than ten seconds. Closing again does nothing.
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    long start = System.nanoTime();
    stop(running(Part.WORKERS), start, WORKERS_STOPPED);
    stop(running(Part.INTAKE, Part.CACHE_STORE, Part.PUBLISHER), start, SERVICES_STOPPED);
    synchronized (servers) {
      stop(servers, start, SERVERS_STOPPED);
    }
    threads.shutdown();
  }

  private List<AutoCloseable> running(Part... parts) {
    synchronized (services) {
      var running = new ArrayList<AutoCloseable>();
      for (var part : parts) {
        var service = services.get(part);
        if (service != null) {
          running.add(service);
        }
      }
      return running;
    }
  }

  private void stop(Collection<AutoCloseable> parts, long start, Duration until) {
    boolean interrupted = Thread.interrupted();
    long end = start + until.toNanos();
    var stops = new LinkedHashMap<AutoCloseable, Future<?>>();
    parts.forEach(part -> stops.put(part, begin(() -> closeQuietly(part))));
    for (var stop : stops.entrySet()) {
      try {
        stop.getValue().get(Math.max(1, end - System.nanoTime()), TimeUnit.NANOSECONDS);
      } catch (TimeoutException _) {
        LOG.warn("did not stop in time, going on without it part={}", name(stop.getKey()));
      } catch (ExecutionException e) {
        LOG.warn("did not stop cleanly part={}", name(stop.getKey()), e.getCause());
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean closeQuietly(AutoCloseable part) throws Exception {
    part.close();
    return true;
  }

  private static String name(AutoCloseable part) {
    return part instanceof Service service ? service.name() : part.getClass().getSimpleName();
  }

  private <T> Future<T> begin(Callable<T> start) {
    return threads.submit(start);
  }

  private <T extends AutoCloseable> T server(T server) {
    synchronized (servers) {
      servers.add(server);
    }
    return server;
  }

  /// Waits for all of them even when one fails or we are interrupted, so that [#close] finds
  /// whatever did start.
  private static void awaitAll(List<? extends Future<?>> starts) throws InterruptedException {
    boolean interrupted = false;
    RuntimeException failure = null;
    var left = new ArrayDeque<Future<?>>(starts);
    while (!left.isEmpty()) {
      try {
        var _ = left.getFirst().get();
        left.removeFirst();
      } catch (ExecutionException e) {
        left.removeFirst();
        var cause =
            e.getCause() instanceof RuntimeException runtime
                ? runtime
                : new IllegalStateException(e.getCause());
        if (failure == null) {
          failure = cause;
        } else {
          failure.addSuppressed(cause);
        }
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      throw new InterruptedException();
    }
    if (failure != null) {
      throw failure;
    }
  }

  private static Settings settings(
      Options options, EmbeddedKafka kafka, @Nullable EmbeddedPostgreSql postgres) {
    var defaults = new HashMap<String, String>();
    defaults.put(WorkersConfig.DRAIN_TIMEOUT, DRAIN_MS);
    // The same member comes back after a kill: its partitions need not wait for a session to end.
    defaults.put("streams.group.instance.id", "standalone");
    defaults.put(CacheConfig.DICTIONARIES, options.dataDir().resolve("dictionaries").toString());
    defaults.putAll(options.sources().file());

    var flags = new HashMap<>(options.sources().flags());
    flags.put(CommonConfig.BOOTSTRAP_SERVERS, kafka.bootstrapServers());
    flags.put(CommonConfig.BLOBS_DIR, options.dataDir().resolve("blobs").toString());
    flags.put(CacheConfig.STATE_DIR, options.dataDir().resolve("state").toString());
    if (postgres != null) {
      flags.put(PublisherConfig.HISTORY_URL, postgres.jdbcUrl());
      flags.put(PublisherConfig.HISTORY_USER, postgres.user());
      flags.put(PublisherConfig.HISTORY_PASSWORD, postgres.password());
    }
    return Settings.load(
        Part.allSettings(), new Sources(defaults, options.sources().environment(), flags));
  }
}
