package dev.millrace.standalone;

import dev.millrace.standalone.DataFolder.PortWish;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;

/// A real Kafka broker in this JVM: one node, its own controller, on 127.0.0.1, data kept.
///
/// Records that were acknowledged survive a killed process, not a power cut: the broker leaves
/// flushing to the operating system, as Kafka does everywhere.
public final class EmbeddedKafka implements AutoCloseable {

  private static final String CLUSTER_ID = "cluster.id";
  private static final String CONTROLLER_PORT = "controller.port";

  private final DataFolder folder;
  private final KafkaRaftServer server;
  private final String bootstrapServers;
  private boolean closed;

  private EmbeddedKafka(DataFolder folder, KafkaRaftServer server, String bootstrapServers) {
    this.folder = folder;
    this.server = server;
    this.bootstrapServers = bootstrapServers;
  }

  /// Starts the broker and returns when it serves.
  ///
  /// @param dataDir made and formatted when new, continued when not
  /// @param port where clients connect; 0 for the port used last time if it is free, else any
  /// @throws FolderInUseException when another live process has the folder
  public static EmbeddedKafka start(Path dataDir, int port) {
    return start(dataDir, port, Map.of());
  }

  /// The same as a member of a cluster, or otherwise unlike the one that everything else runs on.
  ///
  /// @param properties of the broker, on top of ours; `cluster.id` and `controller.port` are for us
  public static EmbeddedKafka start(Path dataDir, int port, Map<String, String> properties) {
    try {
      var folder = DataFolder.hold(dataDir);
      try {
        return start(folder, port, properties);
      } catch (IOException | RuntimeException e) {
        folder.close();
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start Kafka in " + dataDir + ": " + e.getMessage(), e);
    }
  }

  private static EmbeddedKafka start(DataFolder folder, int port, Map<String, String> more)
      throws IOException {
    var own = new HashMap<>(more);
    var clusterId = own.remove(CLUSTER_ID);
    var controllerPort = own.remove(CONTROLLER_PORT);
    var ports =
        folder.ports(
            List.of(
                new PortWish("broker", port),
                new PortWish(
                    "controller", controllerPort == null ? 0 : Integer.parseInt(controllerPort))));
    var logDir = folder.resolve("data");
    var properties = new Properties();
    properties.putAll(BrokerProperties.of(logDir, ports.get(0), ports.get(1)));
    properties.putAll(own);
    format(
        logDir,
        Integer.parseInt(properties.getProperty("node.id")),
        clusterId == null ? Uuid.randomUuid().toString() : clusterId);
    var server = new KafkaRaftServer(KafkaConfig.fromProps(properties, false), Time.SYSTEM);
    try {
      server.startup();
    } catch (RuntimeException e) {
      stop(server);
      throw e;
    }
    return new EmbeddedKafka(folder, server, "127.0.0.1:" + ports.get(0));
  }

  public String bootstrapServers() {
    return bootstrapServers;
  }

  /// Stops the broker cleanly and gives the folder back. Closing again does nothing.
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      stop(server);
    } finally {
      folder.close();
    }
  }

  private static void stop(KafkaRaftServer server) {
    server.shutdown();
    server.awaitShutdown();
  }

  /// A start that was cut short leaves no `meta.properties`, and is begun again.
  private static void format(Path logDir, int nodeId, String clusterId) throws IOException {
    if (Files.exists(logDir.resolve("meta.properties"))) {
      return;
    }
    Files.createDirectories(logDir);
    try {
      new Formatter()
          .setNodeId(nodeId)
          .setClusterId(clusterId)
          .setControllerListenerName("CONTROLLER")
          .setDirectories(List.of(logDir.toString()))
          .setMetadataLogDirectory(logDir.toString())
          .setIgnoreFormatted(true)
          .setPrintStream(new PrintStream(OutputStream.nullOutputStream()))
          .run();
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException("cannot format " + logDir, e);
    }
  }
}
