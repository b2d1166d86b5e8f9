package dev.millrace.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.contracts.Json;
import dev.millrace.security.Role;
import dev.millrace.standalone.Standalone;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Everything embedded, data kept, until it is told to stop.
@Command(
    name = "up",
    description = "Start everything embedded: Kafka, PostgreSQL and all services; data is kept.",
    footer = {
      "",
      "Example:  ./millrace up --http-port 8080 --kafka-port 9092 --data-dir .millrace"
    })
final class UpCommand implements Callable<Integer> {

  private final Context context;

  @Mixin private ServerOptions server = new ServerOptions();

  @Option(
      names = "--http-port",
      paramLabel = "PORT",
      description = "Where the HTTP API listens (default: ${DEFAULT-VALUE}; 0: any free port).")
  private int httpPort = 8080;

  @Option(
      names = "--kafka-port",
      paramLabel = "PORT",
      description = "Where Kafka listens (default: ${DEFAULT-VALUE}; 0: any free port).")
  private int kafkaPort = 9092;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "Where all data is kept (default: ${DEFAULT-VALUE}).")
  private Path dataDir = Path.of(".millrace");

  @Option(
      names = "--slots",
      paramLabel = "N",
      description = "Jobs at a time; 0: none here, start `millrace workers` beside it.")
  private @Nullable Integer slots;

  @Option(
      names = "--secure",
      description = "Clients of Kafka log in over TLS, each in its role; see docs/security.md.")
  private boolean secure;

  @Option(names = "--json", description = "Print one JSON line when ready.")
  private boolean json;

  UpCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws InterruptedException {
    try (var shutdown = Shutdown.install()) {
      Ports.demandFree("--http-port", httpPort);
      Ports.demandFree("--kafka-port", kafkaPort);
      if (!json) {
        context.say("Starting in " + dataDir.toAbsolutePath().normalize() + " …");
      }
      var resources = context.resources().get();
      try (var standalone = Standalone.start(options(), resources)) {
        shutdown.started();
        announce(standalone);
        shutdown.await();
        context.say("Stopping: finishing or giving back what runs …");
      }
      shutdown.exitCode(ExitCode.DONE);
      return ExitCode.DONE;
    }
  }

  private Standalone.Options options() {
    var flags = new HashMap<String, String>();
    flags.put("http.port", Integer.toString(httpPort));
    if (slots != null) {
      flags.put("workers.slots", slots.toString());
    }
    return new Standalone.Options(
        dataDir, kafkaPort, server.sources(context.environment(), flags), secure);
  }

  private void announce(Standalone standalone) {
    long startMs = ManagementFactory.getRuntimeMXBean().getUptime();
    long rss = Memory.residentBytes();
    if (json) {
      ObjectNode ready = Json.MAPPER.createObjectNode();
      ready
          .put("ready", true)
          .put("bootstrapServers", standalone.bootstrapServers())
          .put("http", standalone.http())
          .put("dataDir", dataDir.toAbsolutePath().normalize().toString())
          .put("startMs", startMs)
          .put("rssBytes", rss);
      standalone.login(Role.OPERATOR).ifPresent(file -> ready.put("security", folder(file)));
      context.print(ready.toString());
      return;
    }
    var kafka = standalone.bootstrapServers();
    var http = standalone.http();
    context.print(
        """
        Millrace is up (%s, %d MiB).

          HTTP    %s
          Kafka   %s
          data    %s

        Try, in another terminal:
          ./millrace submit simulation -p campaignId=cmp_81 %s
          curl -s %s/v1/requests -d '{"type":"simulation","params":{"campaignId":"cmp_81"}}'
          %s

        Ctrl-C stops it; everything is kept.\
        """
            .formatted(
                ProgressLines.seconds(startMs),
                rss >> 20,
                http,
                kafka,
                dataDir,
                standalone
                    .login(Role.PRODUCER_FREE)
                    .map(file -> "--config " + file)
                    .orElse("--watch" + (kafkaPort == 9092 ? "" : " -b " + kafka)),
                http,
                standalone
                    .login(Role.OPERATOR)
                    .map(file -> "ls " + folder(file) + "   # a login for each role")
                    .orElse("kcat -C -b " + kafka + " -t millrace.completions -o beginning -e")));
  }

  private static String folder(Path file) {
    return String.valueOf(file.getParent());
  }
}
