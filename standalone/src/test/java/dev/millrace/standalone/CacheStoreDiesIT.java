package dev.millrace.standalone;

import static dev.millrace.standalone.Caller.PATIENCE;
import static dev.millrace.standalone.Caller.command;
import static dev.millrace.standalone.Caller.simulation;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.contracts.Completion;
import dev.millrace.contracts.Decision;
import dev.millrace.contracts.DecisionKind;
import dev.millrace.contracts.Outcome;
import dev.millrace.contracts.Status;
import dev.millrace.contracts.Tier;
import dev.millrace.runtime.CommonConfig;
import dev.millrace.runtime.Resources;
import dev.millrace.runtime.Service;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// The ledger's process is killed while jobs run and others queue.
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class CacheStoreDiesIT {

  @RegisterExtension static final SharedBroker BROKER = new SharedBroker();

  private static final int SLOTS = 4;

  @TempDir static Path folder;

  private static final List<Service> SERVICES = new ArrayList<>();
  private static Caller caller;

  @BeforeAll
  static void start() {
    var flags =
        Map.of(
            CommonConfig.BOOTSTRAP_SERVERS,
            BROKER.bootstrapServers(),
            CommonConfig.TOPIC_PREFIX,
            BROKER.topicPrefix(),
            CommonConfig.BLOBS_DIR,
            folder.resolve("blobs").toString(),
            "workers.slots",
            Integer.toString(SLOTS),
            "workers.command.allow",
            "sh");
    var settings = Installation.cluster(flags);
    var resources = Resources.system();
    SERVICES.add(Part.INTAKE.start(settings, resources));
    SERVICES.add(Part.WORKERS.start(settings, resources));
    caller = Caller.of(BROKER.bootstrapServers(), BROKER.topicPrefix());
    await().atMost(PATIENCE).until(() -> SERVICES.stream().allMatch(Service::ready));
  }

  @AfterAll
  static void stop() {
    caller.close();
    SERVICES.forEach(Service::close);
  }

  @Test
  void jobs_go_on_without_the_ledger_and_its_successor_serves_what_waits() throws Exception {
    var running = IntStream.range(0, SLOTS).mapToObj(i -> "running-" + i).toList();
    var queued = IntStream.range(0, 20).mapToObj(i -> "queued-" + i).toList();
    var meanwhile = IntStream.range(0, 20).mapToObj(i -> "meanwhile-" + i).toList();
    try (var ledger = cacheStore()) {
      caller.send(Tier.FREE, simulation("before", "cmp_before"));
      assertThat(caller.end("before").status()).isEqualTo(Status.COMPLETED);
      running.forEach(id -> caller.send(Tier.PRO, waiting(id)));
      running.forEach(caller::started);
      queued.forEach(id -> caller.send(Tier.FREE, simulation(id, "cmp_" + id)));
      await()
          .atMost(PATIENCE)
          .until(() -> dispatched().filter(id -> id.startsWith("queued-")).count() == 20);

      ledger.kill();
    }
    Files.createFile(killed());
    meanwhile.forEach(id -> caller.send(Tier.ENTERPRISE, simulation(id, "cmp_" + id)));
    await().atMost(PATIENCE).until(() -> succeeded() >= SLOTS);
    assertThat(running).allMatch(id -> caller.completions(id).isEmpty());

    try (var successor = cacheStore()) {
      assertThat(successor.pid()).isPositive();
      var all = Stream.of(running, queued, meanwhile).flatMap(List::stream).toList();
      caller.awaitEnds(all);
      for (var id : all) {
        var end = caller.end(id);
        assertThat(end.status()).as(id).isEqualTo(Status.COMPLETED);
        assertThat(end.attempts()).as(id).isEqualTo(1);
        assertThat(caller.decisions(DecisionKind.SUCCEEDED, end.requestHash())).hasSize(1);
      }
      for (var id : running) {
        assertThat(caller.outcomes(Outcome.Started.class, caller.end(id).jobId())).hasSize(1);
      }
      assertThat(Caller.count(caller.decisions(DecisionKind.STARTED), CacheStoreDiesIT::epoch))
          .as("bound runs of each epoch")
          .allSatisfy((_, runs) -> assertThat(runs).isOne());

      caller.send(Tier.PRO, simulation("after", "cmp_before"));
      assertThat(caller.end("after").jobId()).isEqualTo(caller.end("before").jobId());
    }
    assertThat(caller.recording().values(caller.topics().completions()))
        .extracting(Completion::requestId)
        .doesNotHaveDuplicates();
  }

  /// A job that runs until the ledger is dead.
  private static ObjectNode waiting(String requestId) {
    var script = "until [ -e \"$0\" ]; do sleep 0.1; done";
    return command(requestId, "sh", "-c", script, killed().toString(), requestId);
  }

  private static Path killed() {
    return folder.resolve("killed");
  }

  private static String epoch(Decision decision) {
    return decision.jobId() + "/" + decision.epoch();
  }

  private static Stream<String> dispatched() {
    return caller.decisions(DecisionKind.DISPATCHED).stream().map(Decision::requestId);
  }

  private static long succeeded() {
    return caller.recording().values(caller.topics().outcomes()).stream()
        .filter(Outcome.Succeeded.class::isInstance)
        .filter(outcome -> outcome.jobId().value().startsWith("command:"))
        .count();
  }

  private static ChildJvm cacheStore() throws IOException {
    var child =
        ChildJvm.start(
            CommandLineChild.class,
            "cache-store",
            "--json",
            "--bootstrap-server",
            BROKER.bootstrapServers(),
            "--set",
            CommonConfig.TOPIC_PREFIX + "=" + BROKER.topicPrefix(),
            "--set",
            "state.dir=" + folder.resolve("state"));
    assertThat(child.line()).contains("\"ready\":true");
    return child;
  }
}
