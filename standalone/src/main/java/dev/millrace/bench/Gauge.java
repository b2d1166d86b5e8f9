package dev.millrace.bench;

import dev.millrace.bench.Load.Caller;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/// Takes rates and times of one kind of request, the times in turn with the raw hop.
final class Gauge {

  /// How many are open where a rate is taken over topics.
  static final int WINDOW = 500;

  private static final int PER_SECOND = 100;
  private static final int ROUNDS = 1_000;

  /// A rate is taken no longer than this.
  private static final int SECONDS = 8;

  private final Stand stand;
  private final Extent extent;
  private final Load load = new Load(Timer.system());

  Gauge(Stand stand, Extent extent) {
    this.stand = stand;
    this.extent = extent;
  }

  /// Asks the first `count` questions, all at once, and waits for the answers.
  void ask(int count, Way way, IntFunction<Ask> asks) throws InterruptedException {
    var caller = caller(way, asks);
    var _ = load.closed(count, count, caller);
    caller.tally().demandAnswers();
  }

  /// What went through as fast as answers came.
  ///
  /// @param answered how many
  record Rate(long answered, double perSecond, Machine.Usage used) {}

  /// How fast answers come with so many questions open, once the JVM has compiled what they need.
  ///
  /// @param full how many are asked at the full extent, unless the time is over before
  Rate rate(Way way, int window, int full, IntFunction<Ask> asks) throws InterruptedException {
    var rates = new ArrayList<Rate>();
    new WarmUp(extent)
        .run(() -> {
          int asked = rates.stream().mapToInt(rate -> (int) rate.answered()).sum();
          rates.add(once(way, window, full, n -> asks.apply(asked + n)));
          return rates.getLast().perSecond();
        });
    return rates.getLast();
  }

  private Rate once(Way way, int window, int full, IntFunction<Ask> asks)
      throws InterruptedException {
    var caller = caller(way, asks);
    stand.settle();
    var before = Machine.read();
    double seconds = load.closed(window, extent.of(full), SECONDS, caller);
    var used = before.used();
    caller.tally().demandAnswers();
    long answered = caller.tally().times().count();
    return new Rate(answered, answered / seconds, used);
  }

  /// The times of those of `callers` that end as `how`, in turn with the raw hop.
  ///
  /// @param how null: of all
  Row times(String name, String via, List<Caller> callers, @Nullable String how)
      throws InterruptedException {
    var raw = caller(stand.raw(), n -> Ask.of("raw-" + n, 0));
    var inTurn = new ArrayList<Caller>();
    inTurn.add(raw);
    inTurn.addAll(callers);
    stand.settle();
    load.open(PER_SECOND, extent.of(ROUNDS), inTurn);
    inTurn.forEach(caller -> caller.tally().demandAnswers());
    var tally = inTurn.getLast().tally();
    var times = how == null ? tally.times() : tally.times(how);
    double rawP50 = raw.tally().times().p50();
    return Row.of(name, via)
        .with("p50Ms", times.p50())
        .with("p99Ms", times.p99())
        .with("rawP50Ms", rawP50)
        .with(Row.RATIO, times.p50() / rawP50);
  }

  /// What known answers cost over topics: their rate, and the times of those that were hits.
  Row known(String name, IntFunction<Ask> asks) throws InterruptedException {
    var way = stand.topics();
    var rate = rate(way, WINDOW, 20_000, asks);
    return times(name, "topics", List.of(caller(way, asks)), "cached")
        .with("perSecond", rate.perSecond())
        .with(rate.used(), rate.answered());
  }

  static Caller caller(Way way, IntFunction<Ask> asks) {
    return new Caller(way, asks, new Tally());
  }
}
