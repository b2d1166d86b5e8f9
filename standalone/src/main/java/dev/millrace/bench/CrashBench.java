package dev.millrace.bench;

import dev.millrace.bench.Load.Caller;
import dev.millrace.chaos.Child;
import dev.millrace.contracts.JobId;
import dev.millrace.contracts.Outcome;
import dev.millrace.contracts.Outcome.Started;
import dev.millrace.contracts.Outcome.Succeeded;
import dev.millrace.contracts.Tier;
import dev.millrace.runtime.Threads;
import dev.millrace.workers.WorkersConfig;
import dev.millrace.workers.handlers.CommandHandler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/// How long the jobs of a worker that is killed stand still: 60 jobs of one second, the bench's own
/// worker and one in a process of its own, which gets a `kill -9` when its ten slots are full.
final class CrashBench {

  private static final int JOBS = 60;
  private static final String VICTIM = "bench-victim";
  private static final long PATIENCE_NANOS = 120_000_000_000L;

  private final Stand stand;
  private final Path logs;
  private final Timer timer = Timer.system();
  private final List<Outcome> outcomes = new ArrayList<>();

  /// @param logs the folder for what the worker says
  CrashBench(Stand stand, Path logs) {
    this.stand = stand;
    this.logs = logs;
  }

  void run(Consumer<Row> rows) throws InterruptedException {
    try (var _ = new Follower(stand.clients(), stand.names().outcomes().name(), this::take);
        var victim = victim()) {
      victim.awaitReady();
      rows.accept(measure(victim));
    } catch (IOException e) {
      throw new UncheckedIOException("the worker did not start, see " + logs, e);
    }
  }

  private Row measure(Child victim) throws InterruptedException {
    var keys = stand.fresh();
    var caller = new Caller(stand.topics(), n -> sleep(keys + n), new Tally());
    var done = new FutureTask<>(() -> new Load(timer).closed(JOBS, JOBS, caller));
    Threads.platform("bench-crash").newThread(done).start();

    await(() -> held().size() >= Stand.SLOTS || caller.tally().times().count() >= JOBS / 2);
    long killed = timer.nanoTime();
    victim.kill();
    var held = held();
    await(() -> again(held).containsAll(held));
    double seconds = (timer.nanoTime() - killed) / 1e9;
    await(done::isDone);
    caller.tally().demandAnswers();
    return Row.of("D", "topics")
        .with("held", held.size())
        .with("seconds", seconds)
        .with("answered", caller.tally().times().count())
        .with("lost", JOBS - caller.tally().times().count())
        .with("allSeconds", done.resultNow());
  }

  /// A program, because any worker can run one: the victim has no handler of the bench.
  private static Ask sleep(String key) {
    return new Ask(
        Tier.PRO,
        "command",
        "{\"program\":\"" + Stand.PROGRAM + "\",\"args\":[\"1\"],\"stdin\":\"" + key + "\"}");
  }

  private Child victim() throws IOException {
    return Child.start(
        List.of(
            "workers",
            "--bootstrap-server",
            stand.clients().bootstrapServers(),
            "--set",
            WorkersConfig.ID + "=" + VICTIM,
            "--set",
            WorkersConfig.SLOTS + "=" + Stand.SLOTS,
            "--set",
            WorkersConfig.RECORDS + "=" + Stand.SLOTS,
            "--set",
            CommandHandler.ALLOW + "=" + Stand.PROGRAM),
        Map.of(),
        logs.resolve(VICTIM + ".log"));
  }

  private synchronized void take(ConsumerRecord<byte[], byte[]> record) {
    outcomes.add(stand.names().outcomes().serde().read(record.value()));
  }

  /// What the victim runs, as far as anybody knows.
  private synchronized Set<JobId> held() {
    var held = new HashSet<JobId>();
    for (var outcome : outcomes) {
      switch (outcome) {
        case Started started when started.workerId().equals(VICTIM) -> held.add(started.jobId());
        case Succeeded succeeded -> held.remove(succeeded.jobId());
        default -> {
          // says nothing about who holds what
        }
      }
    }
    return held;
  }

  /// Which of them somebody else has started.
  private synchronized Set<JobId> again(Set<JobId> held) {
    var again = new HashSet<JobId>();
    for (var outcome : outcomes) {
      if (outcome instanceof Started started && !started.workerId().equals(VICTIM)) {
        again.add(started.jobId());
      }
    }
    again.retainAll(held);
    return again;
  }

  private void await(BooleanSupplier done) throws InterruptedException {
    long end = timer.nanoTime() + PATIENCE_NANOS;
    while (!done.getAsBoolean()) {
      if (timer.nanoTime() > end) {
        throw new IllegalStateException("the jobs of the worker that was killed did not go on");
      }
      timer.await(timer.nanoTime() + 5_000_000);
    }
  }
}
