package dev.millrace.cli;

import dev.millrace.contracts.Json;
import dev.millrace.standalone.EmbeddedKafka;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// The embedded broker in a process of its own, for runs under faults.
@Command(name = "broker", hidden = true, description = "Start one Kafka broker, data kept.")
final class BrokerCommand implements Callable<Integer> {

  private final Context context;

  @Option(names = "--data-dir", paramLabel = "DIR", required = true)
  private Path dataDir = Path.of("");

  @Option(names = "--port", paramLabel = "PORT")
  private int port;

  @Option(names = "--set", paramLabel = "KEY=VALUE")
  private Map<String, String> properties = new LinkedHashMap<>();

  BrokerCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws InterruptedException {
    try (var shutdown = Shutdown.install();
        var kafka = EmbeddedKafka.start(dataDir, port, properties)) {
      shutdown.started();
      context.print(
          Json.MAPPER
              .createObjectNode()
              .put("ready", true)
              .put("bootstrapServers", kafka.bootstrapServers())
              .toString());
      shutdown.await();
      shutdown.exitCode(ExitCode.DONE);
      return ExitCode.DONE;
    }
  }
}
