package dev.millrace.standalone;

import static dev.millrace.standalone.Caller.command;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.contracts.Completion;
import dev.millrace.contracts.DecisionKind;
import dev.millrace.contracts.DeclineReason;
import dev.millrace.contracts.Outcome;
import dev.millrace.contracts.Status;
import dev.millrace.contracts.Tier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Workers in processes of their own, which go in the middle of their jobs.
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class WorkerDiesIT {

  private static final int SLOTS = 3;

  @TempDir static Path folder;

  private static Standalone standalone;
  private static Caller caller;

  @BeforeAll
  static void start() throws InterruptedException {
    standalone = Installation.start(folder, Map.of("workers.slots", "0"));
    caller = Caller.of(standalone);
  }

  @AfterAll
  static void stop() {
    caller.close();
    standalone.close();
  }

  @Test
  void the_jobs_of_a_killed_worker_run_again_elsewhere_and_end_once() throws Exception {
    var ids = ids("killed");
    try (var first = worker("first")) {
      ids.forEach(id -> caller.send(Tier.PRO, waiting(id)));
      ids.forEach(caller::started);
      try (var second = worker("second")) {
        assertThat(second.pid()).isNotEqualTo(first.pid());
        var killedAt = Instant.now();
        first.kill();
        ids.forEach(id -> caller.started(id, 2));
        open("killed");

        caller.awaitEnds(ids);

        for (var id : ids) {
          var end = caller.end(id);
          assertThat(end.status()).isEqualTo(Status.COMPLETED);
          assertThat(end.attempts()).isEqualTo(2);
          var runs = caller.outcomes(Outcome.Started.class, end.jobId());
          assertThat(runs).extracting(Outcome.Started::workerId).containsExactly("first", "second");
          var back = Duration.between(killedAt, runs.getLast().at());
          System.err.println("a killed worker's job ran again after " + back.toMillis() + " ms");
          assertThat(back).isLessThan(Duration.ofSeconds(60));
          assertThat(caller.decisions(DecisionKind.REDISPATCHED, end.requestHash())).hasSize(1);
          assertThat(caller.decisions(DecisionKind.SUCCEEDED, end.requestHash())).hasSize(1);
        }
      }
    }
    assertThat(completions("killed")).hasSize(SLOTS);
  }

  @Test
  void a_worker_told_to_stop_gives_back_what_it_runs_and_no_attempt_is_lost() throws Exception {
    var ids = ids("drained");
    try (var leaving = worker("leaving")) {
      ids.forEach(id -> caller.send(Tier.FREE, waiting(id)));
      ids.forEach(caller::started);
      try (var staying = worker("staying")) {
        assertThat(staying.pid()).isNotEqualTo(leaving.pid());
        long before = System.nanoTime();
        assertThat(leaving.terminate()).isZero();
        var took = Duration.ofNanos(System.nanoTime() - before);
        System.err.println("a worker with running jobs stopped in " + took.toMillis() + " ms");
        assertThat(took).isLessThan(Duration.ofSeconds(30));
        open("drained");

        caller.awaitEnds(ids);
      }
    }
    for (var id : ids) {
      var end = caller.end(id);
      assertThat(end.status()).isEqualTo(Status.COMPLETED);
      assertThat(end.attempts()).isEqualTo(1);
      assertThat(caller.outcomes(Outcome.Declined.class, end.jobId()))
          .extracting(Outcome.Declined::reason)
          .contains(DeclineReason.DRAIN);
      assertThat(caller.outcomes(Outcome.Succeeded.class, end.jobId()))
          .extracting(Outcome.Succeeded::workerId)
          .containsExactly("staying");
    }
    assertThat(completions("drained")).hasSize(SLOTS);
  }

  /// A job that waits for its test.
  private static ObjectNode waiting(String requestId) {
    var gate = gate(requestId.substring(0, requestId.indexOf('-')));
    return command(
        requestId,
        "sh",
        "-c",
        "while [ ! -e '" + gate + "' ]; do sleep 0.2; done; echo '{\"of\":\"" + requestId + "\"}'");
  }

  private static Path gate(String name) {
    return folder.resolve(name + ".open").toAbsolutePath();
  }

  /// Lets the jobs end, also those that a killed worker has left behind.
  private static void open(String name) throws IOException {
    Files.createFile(gate(name));
  }

  private static List<String> ids(String name) {
    return IntStream.range(0, SLOTS).mapToObj(i -> name + "-" + i).toList();
  }

  private static List<Completion> completions(String name) {
    return caller.recording().values(caller.topics().completions()).stream()
        .filter(completion -> completion.requestId().startsWith(name))
        .toList();
  }

  private static ChildJvm worker(String name) throws IOException {
    var worker =
        ChildJvm.start(
            CommandLineChild.class,
            "workers",
            "--json",
            "--slots",
            SLOTS,
            "--bootstrap-server",
            standalone.bootstrapServers(),
            "--set",
            "workers.id=" + name,
            "--set",
            "workers.command.allow=sh",
            "--set",
            "drain.timeout.ms=500",
            "--set",
            "blobs.dir=" + folder.resolve("blobs"));
    assertThat(worker.line()).contains("\"ready\":true");
    return worker;
  }
}
