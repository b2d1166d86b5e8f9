package dev.millrace.publisher;

import dev.millrace.contracts.Topics;
import dev.millrace.publisher.history.HistoryConsumer;
import dev.millrace.publisher.history.PostgresDatabase;
import dev.millrace.publisher.http.HttpDoor;
import dev.millrace.publisher.http.Routes;
import dev.millrace.publisher.reads.LocalFirst;
import dev.millrace.publisher.reads.RemoteLedgers;
import dev.millrace.publisher.sse.StreamClients;
import dev.millrace.runtime.BlobStore;
import dev.millrace.runtime.CommonConfig;
import dev.millrace.runtime.KafkaClients;
import dev.millrace.runtime.Opened;
import dev.millrace.runtime.PrivacyConfig;
import dev.millrace.runtime.Resources;
import dev.millrace.runtime.Sender;
import dev.millrace.runtime.Service;
import dev.millrace.runtime.Settings;
import dev.millrace.runtime.SettingsTopic;
import dev.millrace.runtime.TopicAdmin;
import dev.millrace.runtime.reads.LedgerReader;
import dev.millrace.runtime.request.RequestReader;
import dev.millrace.runtime.request.TypeDefinitions;
import io.micrometer.core.instrument.Gauge;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The publisher: writes the history, and serves the HTTP door with waits and event streams.
public final class PublisherService implements Service {

  private static final Logger LOG = LoggerFactory.getLogger(PublisherService.class);
  private static final long PROBE_SECONDS = 2;

  private final PostgresDatabase database;
  private final HistoryConsumer history;
  private final StreamClients streams;
  private final HttpDoor door;
  private final Opened opened;
  private final AtomicBoolean closed = new AtomicBoolean();

  private PublisherService(
      PostgresDatabase database,
      HistoryConsumer history,
      StreamClients streams,
      HttpDoor door,
      Opened opened) {
    this.database = database;
    this.history = history;
    this.streams = streams;
    this.door = door;
    this.opened = opened;
  }

  /// Returns when the door is open. A database that is away delays only the history.
  ///
  /// @param here the ledgers of this process, if it may have some: they are asked directly
  public static PublisherService start(
      PublisherConfig config,
      Settings settings,
      Resources resources,
      Optional<Supplier<LedgerReader>> here) {
    var opened = new Opened();
    try {
      return start(config, settings, resources, here, opened);
    } catch (RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  private static PublisherService start(
      PublisherConfig config,
      Settings settings,
      Resources resources,
      Optional<Supplier<LedgerReader>> here,
      Opened opened) {
    var clients = new KafkaClients(settings);
    var topics = new Topics(settings.text(CommonConfig.TOPIC_PREFIX));
    var admin = opened.add(clients.admin());
    var settingsTopic = opened.add(SettingsTopic.open(clients, topics));
    var sender = opened.add(new Sender(clients.producer("millrace-publisher")));
    var database = opened.add(new PostgresDatabase(config.history(), resources.nanoTime()));
    var blobs = opened.add(BlobStore.open(settings, resources.clock()));

    var history =
        opened.add(
            new HistoryConsumer(
                clients.consumer(
                    TopicAdmin.group(topics, "publisher"),
                    "millrace-publisher-history",
                    Map.of("max.poll.records", config.history().batch(), "fetch.max.wait.ms", 100)),
                sender,
                topics,
                database,
                config.history().batch(),
                resources));
    history.start();

    var streams = opened.add(new StreamClients(config.streams(), clients, topics, resources));
    var ports = opened.add(new RemoteLedgers(settingsTopic::get, resources.nanoTime()));
    var ledgers = here.<LedgerReader>map(local -> new LocalFirst(local, ports)).orElse(ports);
    var reader = new RequestReader(types(settings), PrivacyConfig.hasher(settings));
    var routes =
        new Routes(
            new Routes.Parts(
                config.http(),
                topics,
                reader,
                sender,
                settingsTopic,
                database,
                blobs,
                streams,
                ledgers,
                () -> ask(admin, resources),
                resources));
    streams.start(routes::standings);
    var door = opened.add(HttpDoor.open(config.http(), routes));
    // Streams say good-bye before the door closes under them.
    opened.add(streams);
    config
        .warmUp()
        .map(file -> new FirstWarmUp(file, reader, topics, sender, streams, resources))
        .ifPresent(warmUp -> opened.add(warmUp).start());
    measure(resources, streams, history);
    return new PublisherService(database, history, streams, door, opened);
  }

  @Override
  public String name() {
    return "progress-publisher";
  }

  @Override
  public boolean ready() {
    return !closed.get() && database.migrated() && streams.reading() && door.serving();
  }

  public String address() {
    return door.address();
  }

  public int port() {
    return door.port();
  }

  @Override
  public Map<String, Object> details() {
    var details = new LinkedHashMap<String, Object>();
    details.put("http", door.address());
    details.put("streams", streams.events().size());
    details.put("waits", streams.waits().size());
    details.put("history", history.details());
    return details;
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      LOG.info("closing streams={}", streams.events().size());
      opened.close();
    }
  }

  private static TypeDefinitions types(Settings settings) {
    return TypeDefinitions.load(
        PublisherService.class.getClassLoader(),
        settings.optionalPath(CommonConfig.TYPES_DIR).orElse(null));
  }

  private static long ask(Admin admin, Resources resources) throws Exception {
    long begun = resources.nanoTime().getAsLong();
    var _ = admin.describeCluster().clusterId().get(PROBE_SECONDS, TimeUnit.SECONDS);
    return Duration.ofNanos(resources.nanoTime().getAsLong() - begun).toMillis();
  }

  private static void measure(Resources resources, StreamClients streams, HistoryConsumer history) {
    var _ =
        Gauge.builder("publisher.streams", streams, it -> it.events().size())
            .description("Open event streams")
            .register(resources.meters());
    var _ =
        Gauge.builder("publisher.waits", streams, it -> it.waits().size())
            .description("Calls that wait for a completion or receipts")
            .register(resources.meters());
    var _ =
        Gauge.builder("publisher.history.lag", history, HistoryConsumer::lag)
            .description("Records the history is behind")
            .register(resources.meters());
  }
}
