package dev.millrace.cli;

import dev.millrace.contracts.Json;
import dev.millrace.standalone.Standalone;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Everything at once, in under a minute.
@Command(
    name = "demo",
    description = {
      "Start everything embedded, ask more than sixty real requests over three tiers, and count"
          + " from",
      "the topics what was computed, joined, cached, and saved."
    },
    footer = {"", "Example:  ./millrace demo --exit --json | jq ."})
final class DemoCommand implements Callable<Integer> {

  private final Context context;

  @Mixin private ServerOptions server = new ServerOptions();

  @Option(names = "--exit", description = "Stop when done; else everything stays up until Ctrl-C.")
  private boolean exit;

  @Option(names = "--json", description = "Print the counts as one JSON line.")
  private boolean json;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "Keep all data there, for a recount; else it is removed at the end.")
  private @Nullable Path dataDir;

  @Option(names = "--http-port", paramLabel = "PORT", description = "Default: any free port.")
  private int httpPort;

  @Option(names = "--kafka-port", paramLabel = "PORT", description = "Default: any free port.")
  private int kafkaPort;

  DemoCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws InterruptedException {
    try (var shutdown = Shutdown.install()) {
      Ports.demandFree("--http-port", httpPort);
      Ports.demandFree("--kafka-port", kafkaPort);
      if (dataDir != null) {
        return play(dataDir, shutdown);
      }
      return Embedded.folder(folder -> play(folder, shutdown));
    }
  }

  private int play(Path folder, Shutdown shutdown) throws InterruptedException {
    var resources = context.resources().get();
    long start = resources.nanoTime().getAsLong();
    context.say("Starting Kafka, PostgreSQL and four services …");
    try (var standalone = Standalone.start(options(folder), resources)) {
      context.say(
          "Kafka at %s, API at %s".formatted(standalone.bootstrapServers(), standalone.http()));
      var run = "d" + Long.toString(resources.clock().millis() / 1000 % 60_466_176, 36);
      var demo = new Demo(context, Cluster.of(standalone.settings()), run);
      demo.play();
      long elapsedMs = (resources.nanoTime().getAsLong() - start) / 1_000_000;
      var tally = demo.count(elapsedMs);
      report(tally, standalone);
      if (!exit) {
        shutdown.started();
        shutdown.exitCode(ExitCode.DONE);
        context.say("Everything stays up; Ctrl-C stops it.");
        shutdown.await();
        context.say("Stopping …");
      }
      return tally.problems().isEmpty() ? ExitCode.DONE : ExitCode.FAILED;
    }
  }

  private Standalone.Options options(Path folder) {
    var flags = new HashMap<String, String>();
    flags.put("http.port", Integer.toString(httpPort));
    flags.put("workers.command.allow", DemoWorkload.FAILING_PROGRAM);
    return new Standalone.Options(folder, kafkaPort, server.sources(context.environment(), flags));
  }

  private void report(DemoTally tally, Standalone standalone) {
    tally.problems().forEach(problem -> context.say("Does not add up: " + problem + "."));
    if (json) {
      context.print(Json.MAPPER.valueToTree(tally).toString());
      return;
    }
    context.print("");
    tally.table().forEach(context::print);
    context.print("");
    context.print("API  " + standalone.http());
    if (dataDir != null) {
      context.print(
          "data " + dataDir + "  (./millrace up --data-dir " + dataDir + " goes on with it)");
    }
  }
}
