package dev.millrace.bench;

import dev.millrace.bench.Load.Caller;
import dev.millrace.contracts.Tier;
import dev.millrace.runtime.Threads;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;

/// Whether those who come in by the best lane notice a long queue in the worst, and whether that
/// one still moves. Jobs of 5 ms.
final class PriorityBench {

  private static final int WORK_MS = 5;
  private static final int PRESSURE_SECONDS = 5;

  /// How many enterprise jobs are open under pressure: more than there are slots.
  private static final int PRESSURE = 50;

  private final Stand stand;
  private final Extent extent;
  private final Load load = new Load(Timer.system());

  PriorityBench(Stand stand, Extent extent) {
    this.stand = stand;
    this.extent = extent;
  }

  void run(Consumer<Row> rows) throws InterruptedException {
    int few = 50;
    int many = extent.of(2_000);
    var warm = caller(Tier.ENTERPRISE);
    load.closed(few, many, warm);

    var alone = caller(Tier.ENTERPRISE);
    load.closed(few, few, alone);

    var before = Machine.read();
    var backlog = new Backlog(many);
    var behind = caller(Tier.ENTERPRISE);
    load.closed(few, few, behind);
    double drain = backlog.await();
    var usage = before.used();

    var waiting = new Backlog(extent.of(500));
    var pressure = caller(Tier.ENTERPRISE);
    load.closed(PRESSURE, Integer.MAX_VALUE, PRESSURE_SECONDS, pressure);
    long free = waiting.answered();
    waiting.await();

    var usual = alone.tally().times("computed");
    var late = behind.tally().times("computed");
    rows.accept(
        Row.of("C", "topics")
            .with("p50Ms", usual.p50())
            .with("maxMs", usual.max())
            .with("behindP50Ms", late.p50())
            .with("behindMaxMs", late.max())
            .with(Row.RATIO, late.p50() / usual.p50())
            .with("drainSeconds", drain)
            .with("floorSeconds", (many + few) * WORK_MS / 1e3 / Stand.SLOTS)
            .with("pressureEnterprise", pressure.tally().times().count())
            .with("pressureFree", free)
            .with(usage, many + few));
  }

  private Caller caller(Tier tier) {
    var keys = stand.fresh();
    return new Caller(stand.topics(), n -> Ask.of(keys + n, WORK_MS).in(tier), new Tally());
  }

  /// Free jobs, asked at once beside everything else.
  private final class Backlog {

    private final Caller caller = caller(Tier.FREE);
    private final CountDownLatch moving = new CountDownLatch(1);
    private final FutureTask<Double> done;

    /// Returns when the first of them is answered: then all of them wait.
    Backlog(int count) throws InterruptedException {
      Way watched = ask -> caller.way().ask(ask).whenComplete((_, _) -> moving.countDown());
      done =
          new FutureTask<>(
              () -> load.closed(count, count, new Caller(watched, caller.asks(), caller.tally())));
      Threads.platform("bench-backlog").newThread(done).start();
      moving.await();
    }

    long answered() {
      return caller.tally().times().count();
    }

    /// @return seconds from the first asking to the last answer
    double await() throws InterruptedException {
      try {
        double seconds = done.get();
        caller.tally().demandAnswers();
        return seconds;
      } catch (ExecutionException e) {
        throw new IllegalStateException(e.getCause());
      }
    }
  }
}
