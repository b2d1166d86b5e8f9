package dev.millrace.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.contracts.Json;
import dev.millrace.runtime.Service;
import dev.millrace.standalone.Part;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// One service against a cluster, until it is told to stop.
abstract class ServiceCommand implements Callable<Integer> {

  private static final Duration READY = Duration.ofMinutes(2);

  private final Context context;
  private final Part part;

  @Mixin private KafkaOptions kafka = new KafkaOptions();

  @Option(names = "--json", description = "Print one JSON line when ready.")
  private boolean json;

  ServiceCommand(Context context, Part part) {
    this.context = context;
    this.part = part;
  }

  /// What this command's own flags set.
  Map<String, String> flags() {
    return new HashMap<>();
  }

  @Override
  public Integer call() throws InterruptedException {
    try (var shutdown = Shutdown.install()) {
      var cluster = Cluster.connect(part.settings(), kafka.sources(context.environment(), flags()));
      try (var service = part.start(cluster.settings(), context.resources().get())) {
        awaitReady(service);
        shutdown.started();
        announce(service, cluster);
        shutdown.await();
        context.say("Stopping " + service.name() + ": finishing or giving back what runs …");
      }
      shutdown.exitCode(ExitCode.DONE);
      return ExitCode.DONE;
    }
  }

  private static void awaitReady(Service service) throws InterruptedException {
    var never = new CountDownLatch(1);
    long end = System.nanoTime() + READY.toNanos();
    while (!service.ready()) {
      boolean told = never.await(20, TimeUnit.MILLISECONDS);
      if (told || System.nanoTime() > end) {
        throw CliException.timedOut(
            service.name()
                + " is not ready after "
                + READY.toSeconds()
                + " s: "
                + service.details());
      }
    }
  }

  private void announce(Service service, Cluster cluster) {
    long startMs = ManagementFactory.getRuntimeMXBean().getUptime();
    if (json) {
      ObjectNode ready = Json.MAPPER.createObjectNode();
      ready
          .put("ready", true)
          .put("service", service.name())
          .put("bootstrapServers", cluster.clients().bootstrapServers())
          .put("startMs", startMs)
          .put("rssBytes", Memory.residentBytes());
      service.details().forEach((key, value) -> ready.set(key, Json.MAPPER.valueToTree(value)));
      context.print(ready.toString());
    } else {
      context.print(
          "%s is ready at %s (%s) %s"
              .formatted(
                  service.name(),
                  cluster.clients().bootstrapServers(),
                  ProgressLines.seconds(startMs),
                  service.details()));
    }
  }
}
