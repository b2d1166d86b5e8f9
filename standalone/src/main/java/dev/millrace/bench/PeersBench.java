package dev.millrace.bench;

import dev.millrace.bench.Load.Caller;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/// The workloads other job queues and caches were measured with on a machine of this kind.
public final class PeersBench {

  private static final int REPEATS = 3;

  private final Stand stand;
  private final Extent extent;
  private final Path logs;
  private final Load load = new Load(Timer.system());

  /// Which of them.
  public enum Workload {
    /// Jobs that do nothing: how many a second, and how long each takes at 100 a second.
    A,
    /// 20,000 requests for 500 questions of 20 ms.
    B,
    /// 2,000 free jobs of 5 ms, and 50 enterprise jobs behind them.
    C,
    /// A `kill -9` of a worker that holds ten jobs of a second.
    D
  }

  /// @param logs the folder for what worker processes say
  public PeersBench(Stand stand, Extent extent, Path logs) {
    this.stand = stand;
    this.logs = logs;
    this.extent = extent;
  }

  public void run(Workload workload, Consumer<Row> rows) throws InterruptedException {
    switch (workload) {
      case A -> noOp(rows);
      case B -> {
        duplicates("B", "topics", stand.topics(), 50, rows);
        duplicates("B-at-once", "topics", stand.topics(), 20_000, rows);
        duplicates("B", "http", stand.door(), 50, rows);
      }
      case C -> new PriorityBench(stand, extent).run(rows);
      case D -> new CrashBench(stand, logs).run(rows);
    }
  }

  private void noOp(Consumer<Row> rows) throws InterruptedException {
    var raw = new Caller(stand.raw(), n -> Ask.of("raw-" + n, 0), new Tally());
    int hops = extent.of(100_000);
    double rawPerSecond = hops / load.closed(1_000, hops, raw);
    int count = extent.of(10_000);
    new WarmUp(extent).run(() -> count / burst(count));
    var before = Machine.read();
    double seconds = burst(count);
    var usage = before.used();

    var times = stand.fresh();
    var caller = new Caller(stand.topics(), n -> Ask.of(times + n, 0), new Tally());
    var hop = new Caller(stand.raw(), raw.asks(), new Tally());
    stand.settle();
    load.open(100, extent.of(1_000), List.of(hop, caller));
    caller.tally().demandAnswers();
    double p50 = caller.tally().times().p50();
    double rawP50 = hop.tally().times().p50();
    rows.accept(
        Row.of("A", "topics")
            .with("p50Ms", p50)
            .with("p99Ms", caller.tally().times().p99())
            .with("rawP50Ms", rawP50)
            .with(Row.RATIO, p50 / rawP50)
            .with("perSecond", count / seconds)
            .with("rawPerSecond", rawPerSecond)
            .with(usage, count));
  }

  /// @return seconds until `count` new questions, asked at once, are answered
  private double burst(int count) throws InterruptedException {
    var keys = stand.fresh();
    var caller = new Caller(stand.topics(), n -> Ask.of(keys + n, 0), new Tally());
    stand.settle();
    double seconds = load.closed(count, count, caller);
    caller.tally().demandAnswers();
    return seconds;
  }

  /// The median of three, once the JVM is warm.
  private void duplicates(String name, String via, Way way, int window, Consumer<Row> rows)
      throws InterruptedException {
    new WarmUp(extent).run(() -> 1 / pass(way, window, 0).seconds());
    var passes = new ArrayList<Pass>();
    for (int n = 1; n <= REPEATS; n++) {
      passes.add(pass(way, window, n));
    }
    rows.accept(
        passes.stream()
            .sorted(Comparator.comparingDouble(Pass::seconds))
            .toList()
            .get(REPEATS / 2)
            .row(Row.of(name, via)));
  }

  private Pass pass(Way way, int window, int seed) throws InterruptedException {
    int requests = extent.of(20_000);
    var zipf = new Zipf(500);
    var random = new SplittableRandom(seed);
    var drawn = IntStream.range(0, requests).map(_ -> zipf.draw(random)).toArray();
    var keys = stand.fresh();
    IntFunction<Ask> asks = n -> Ask.of(keys + drawn[n], 20);
    var caller = new Caller(way, asks, new Tally());

    stand.settle();
    long runs = stand.runs();
    var before = Machine.read();
    double seconds = load.closed(window, requests, caller);
    var usage = before.used();
    caller.tally().demandAnswers();
    return new Pass(
        requests,
        IntStream.of(drawn).distinct().count(),
        stand.runs() - runs,
        seconds,
        caller.tally(),
        usage);
  }

  private record Pass(
      int requests, long distinct, long runs, double seconds, Tally tally, Machine.Usage usage) {

    Row row(Row row) {
      if (runs != distinct) {
        throw new IllegalStateException(
            "%d runs for %d different questions".formatted(runs, distinct));
      }
      double floor = distinct * 0.020 / Stand.SLOTS;
      return row.with("requests", requests)
          .with("distinct", distinct)
          .with("runs", runs)
          .with("seconds", seconds)
          .with(Row.RATIO, seconds / floor)
          .with("p50Ms", tally.times().p50())
          .with("p99Ms", tally.times().p99())
          .with("perSecond", requests / seconds)
          .with(usage, requests);
    }
  }
}
