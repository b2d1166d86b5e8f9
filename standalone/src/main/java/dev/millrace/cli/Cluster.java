package dev.millrace.cli;

import dev.millrace.contracts.Topic;
import dev.millrace.contracts.Topics;
import dev.millrace.runtime.CommonConfig;
import dev.millrace.runtime.KafkaClients;
import dev.millrace.runtime.Sender;
import dev.millrace.runtime.Settings;
import dev.millrace.runtime.Settings.Sources;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import org.apache.kafka.common.config.ConfigDef;

/// The Kafka cluster a command talks to.
record Cluster(Settings settings, KafkaClients clients, Topics topics) {

  private static final int CONNECT_MS = 3_000;

  static Cluster of(Settings settings) {
    return new Cluster(
        settings, new KafkaClients(settings), new Topics(settings.text(CommonConfig.TOPIC_PREFIX)));
  }

  /// Reads the settings and makes sure that somebody answers there, before any Kafka client begins
  /// to knock for minutes.
  ///
  /// @throws CliException 5 when nobody does
  static Cluster connect(Sources sources) {
    return connect(CommonConfig.def(), sources);
  }

  static Cluster connect(ConfigDef def, Sources sources) {
    var cluster = of(Settings.load(def, sources));
    cluster.demandReachable();
    return cluster;
  }

  void demandReachable() {
    var servers = clients.bootstrapServers();
    if (List.of(servers.split(",")).stream().noneMatch(server -> answers(server.strip()))) {
      throw unreachable(servers);
    }
  }

  static CliException unreachable(String servers) {
    return CliException.unreachable(
        "Cannot reach Kafka at "
            + servers
            + "; start one with ./millrace up, or give --bootstrap-server.");
  }

  Sender sender() {
    return new Sender(clients.producer("millrace-cli"));
  }

  TopicTail tail(TopicTail.From from, Topic<?>... topics) {
    return TopicTail.open(clients, from, List.of(topics).stream().map(Topic::name).toList());
  }

  private static boolean answers(String server) {
    int colon = server.lastIndexOf(':');
    if (colon <= 0) {
      return false;
    }
    try (var socket = new Socket()) {
      int port = Integer.parseInt(server.substring(colon + 1));
      var host = server.substring(0, colon).replaceFirst("^.*://", "");
      socket.connect(new InetSocketAddress(host, port), CONNECT_MS);
      return true;
    } catch (IOException | IllegalArgumentException _) {
      return false;
    }
  }
}
