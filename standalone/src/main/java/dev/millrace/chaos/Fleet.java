package dev.millrace.chaos;

import dev.millrace.chaos.Member.Role;
import dev.millrace.contracts.Topics;
import dev.millrace.publisher.PublisherConfig;
import dev.millrace.runtime.CommonConfig;
import dev.millrace.runtime.KafkaClients;
import dev.millrace.runtime.Resources;
import dev.millrace.runtime.Settings;
import dev.millrace.runtime.Threads;
import dev.millrace.runtime.TopicAdmin;
import dev.millrace.standalone.EmbeddedPostgreSql;
import dev.millrace.standalone.Part;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/// The whole product as processes: brokers, one intake, two cache-stores, two workers (one behind a
/// proxy) and a publisher, beside a PostgreSQL of ours.
final class Fleet implements AutoCloseable {

  private static final Path FAKETIME =
      Path.of("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1");
  private static final String SLOTS = "4";

  private final Path folder;
  private final List<Member> members = new ArrayList<>();
  private final List<Integer> brokerPorts;
  private final Proxy proxy;
  private final Path clock;
  private final Settings settings;
  private @Nullable EmbeddedPostgreSql postgres;

  private Fleet(Path folder, int brokers) throws IOException {
    this.folder = folder;
    clock = Files.writeString(folder.resolve("clock"), "+0");
    var ports = freePorts(3 * brokers);
    brokerPorts = ports.subList(0, brokers);
    var controllers = ports.subList(brokers, 2 * brokers);
    var behind = ports.subList(2 * brokers, 3 * brokers);
    proxy = Proxy.to(behind.getFirst());
    addBrokers(brokers, controllers, behind);
    settings = settings(brokers);
  }

  /// Starts everything and returns when all of it does its work.
  ///
  /// @throws IOException when a process cannot be started; whatever ran is stopped
  static Fleet start(Path folder, int brokers, Resources resources)
      throws IOException, InterruptedException {
    var fleet = new Fleet(folder, brokers);
    try {
      fleet.startAll(fleet.of(Role.BROKER));
      fleet.postgres = EmbeddedPostgreSql.start(folder.resolve("postgres"), 0);
      try (var admin =
          new TopicAdmin(fleet.clients(), fleet.topics(), fleet.settings, resources.clock())) {
        var _ = admin.create();
      }
      fleet.addServices();
      fleet.startAll(fleet.members.stream().filter(m -> m.role() != Role.BROKER).toList());
      return fleet;
    } catch (IOException | InterruptedException | RuntimeException e) {
      fleet.close();
      throw e;
    }
  }

  KafkaClients clients() {
    return new KafkaClients(settings);
  }

  Topics topics() {
    return new Topics(settings.text(CommonConfig.TOPIC_PREFIX));
  }

  Settings settings() {
    return settings;
  }

  Proxy proxy() {
    return proxy;
  }

  List<Member> of(Role role) {
    return members.stream().filter(member -> member.role() == role).toList();
  }

  /// Sets the wall clock of the cache-store that runs under libfaketime.
  ///
  /// @param offset such as `+3600`, seconds
  void setClock(String offset) throws IOException {
    Files.writeString(clock, offset);
  }

  static boolean canSetClocks() {
    return Files.exists(FAKETIME);
  }

  Path stateOf(Member cacheStore) {
    return folder.resolve("state-" + cacheStore.name());
  }

  void stopPostgres() {
    if (postgres != null) {
      postgres.close();
    }
  }

  /// On the port it had before.
  void startPostgres() {
    postgres = EmbeddedPostgreSql.start(folder.resolve("postgres"), 0);
  }

  /// Starts again what ended though nobody killed it.
  ///
  /// @return how many had
  int revive() throws IOException {
    int revived = 0;
    for (var member : members) {
      if (member.revive()) {
        revived++;
      }
    }
    return revived;
  }

  private void addBrokers(int brokers, List<Integer> controllers, List<Integer> behind) {
    var voters = new ArrayList<String>();
    for (int i = 0; i < brokers; i++) {
      voters.add((i + 1) + "@127.0.0.1:" + controllers.get(i));
    }
    var clusterId = Uuid.randomUuid().toString();
    for (int i = 0; i < brokers; i++) {
      var plain = "CLIENTS://127.0.0.1:" + brokerPorts.get(i);
      var controller = "CONTROLLER://127.0.0.1:" + controllers.get(i);
      int advertised = i == 0 ? proxy.port() : behind.get(i);
      var properties = new HashMap<String, String>();
      properties.put("node.id", Integer.toString(i + 1));
      properties.put("cluster.id", clusterId);
      properties.put("controller.port", controllers.get(i).toString());
      properties.put("controller.quorum.voters", String.join(",", voters));
      properties.put(
          "listeners", String.join(",", plain, "PROXIED://127.0.0.1:" + behind.get(i), controller));
      properties.put(
          "advertised.listeners",
          String.join(",", plain, "PROXIED://127.0.0.1:" + advertised, controller));
      properties.put(
          "listener.security.protocol.map",
          "CLIENTS:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT");
      // so many processes starve a small machine: a broker that is only slow is not to be fenced
      properties.put("broker.session.timeout.ms", "15000");
      if (brokers > 1) {
        properties.putAll(replicated(Integer.toString(brokers)));
      }
      var arguments =
          new ArrayList<>(
              List.of(
                  "broker",
                  "--data-dir",
                  folder.resolve("kafka-" + (i + 1)).toString(),
                  "--port",
                  brokerPorts.get(i).toString()));
      properties.forEach((key, value) -> Collections.addAll(arguments, "--set", key + "=" + value));
      add("broker-" + (i + 1), Role.BROKER, arguments, Map.of());
    }
  }

  private static Map<String, String> replicated(String brokers) {
    return Map.of(
        "default.replication.factor", brokers,
        "min.insync.replicas", "2",
        "offsets.topic.replication.factor", brokers,
        "transaction.state.log.replication.factor", brokers,
        "transaction.state.log.min.isr", "2",
        "share.coordinator.state.topic.replication.factor", brokers,
        "share.coordinator.state.topic.min.isr", "2");
  }

  private void addServices() {
    service("intake-1", Role.INTAKE, bootstrap(), Map.of(), Map.of());
    for (var name : List.of("cache-store-1", "cache-store-2")) {
      boolean faked = canSetClocks() && name.endsWith("1");
      service(
          name,
          Role.CACHE_STORE,
          bootstrap(),
          Map.of("state.dir", folder.resolve("state-" + name).toString()),
          faked ? clockOf(clock) : Map.of());
    }
    var work = Map.of("workers.slots", SLOTS, "workers.command.allow", "true,false,sleep");
    service("workers-1", Role.WORKERS, bootstrap(), work, Map.of());
    service("workers-2", Role.WORKERS, "127.0.0.1:" + proxy.port(), work, Map.of());
    if (postgres != null) {
      service(
          "publisher-1",
          Role.PUBLISHER,
          bootstrap(),
          Map.of(
              "http.port",
              "0",
              PublisherConfig.HISTORY_URL,
              postgres.jdbcUrl(),
              PublisherConfig.HISTORY_USER,
              postgres.user(),
              PublisherConfig.HISTORY_PASSWORD,
              postgres.password()),
          Map.of());
    }
  }

  /// The monotonic clock is left alone; libfaketime's remedy for it would make every timed wait of
  /// a JVM return at once, which takes a whole processor.
  private static Map<String, String> clockOf(Path file) {
    return Map.of(
        "LD_PRELOAD",
        FAKETIME.toString(),
        "FAKETIME_TIMESTAMP_FILE",
        file.toString(),
        "FAKETIME_NO_CACHE",
        "1",
        "FAKETIME_DONT_FAKE_MONOTONIC",
        "1",
        "FAKETIME_FORCE_MONOTONIC_FIX",
        "0");
  }

  private void service(
      String name,
      Role role,
      String bootstrapServers,
      Map<String, String> own,
      Map<String, String> environment) {
    var arguments =
        new ArrayList<>(
            List.of(
                role.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-'),
                "--json",
                "--bootstrap-server",
                bootstrapServers,
                "--set",
                CommonConfig.BLOBS_DIR + "=" + folder.resolve("blobs")));
    own.forEach((key, value) -> Collections.addAll(arguments, "--set", key + "=" + value));
    add(name, role, arguments, environment);
  }

  private void add(
      String name, Role role, List<String> arguments, Map<String, String> environment) {
    members.add(
        new Member(
            name, role, arguments, environment, folder.resolve("logs").resolve(name + ".log")));
  }

  private String bootstrap() {
    return brokerPorts.stream().map(port -> "127.0.0.1:" + port).collect(Collectors.joining(","));
  }

  private Settings settings(int brokers) {
    return Settings.load(
        Part.allSettings(),
        new Settings.Sources(
            Map.of(),
            Map.of(),
            Map.of(
                CommonConfig.BOOTSTRAP_SERVERS,
                bootstrap(),
                CommonConfig.TOPIC_REPLICATION,
                Integer.toString(brokers))));
  }

  private void startAll(List<Member> some) throws IOException, InterruptedException {
    try (var threads = Executors.newCachedThreadPool(Threads.platform("chaos-start"))) {
      var starts = new ArrayList<Future<?>>();
      for (var member : some) {
        starts.add(
            threads.submit(() -> {
              member.start();
              return true;
            }));
      }
      for (var start : starts) {
        var _ = start.get();
      }
    } catch (ExecutionException e) {
      throw new IOException(
          "cannot start the fleet, see " + folder.resolve("logs") + ": " + e.getCause(), e);
    }
  }

  private static List<Integer> freePorts(int count) throws IOException {
    var held = new ArrayList<ServerSocket>();
    try {
      for (int i = 0; i < count; i++) {
        held.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
      }
      return held.stream().map(ServerSocket::getLocalPort).toList();
    } finally {
      for (var socket : held) {
        socket.close();
      }
    }
  }

  @Override
  public void close() {
    members.forEach(Member::close);
    stopPostgres();
    try {
      proxy.close();
    } catch (IOException _) {
      // its process ends with ours
    }
  }
}
