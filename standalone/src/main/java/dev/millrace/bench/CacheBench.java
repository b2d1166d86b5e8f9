package dev.millrace.bench;

import dev.millrace.bench.Load.Caller;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/// What an answer costs that is known (hit), on its way (join) or neither (miss, a job that does
/// nothing), beside one raw hop through the same broker at the same time.
///
/// Each kind is asked twice: as fast as answers come, which is its rate and warms it up; then at a
/// fixed rate in turn with the raw hop, which are its times.
public final class CacheBench {

  private static final int PER_SECOND = 100;
  private static final int ROUNDS = 1_000;
  private static final int KNOWN = 100;

  /// A rate is taken no longer than this.
  private static final int SECONDS = 8;

  /// How many ask the same at once where joining is measured at full speed.
  private static final int JOINERS = 10;

  private final Stand stand;
  private final Extent extent;
  private final Load load = new Load(Timer.system());

  public CacheBench(Stand stand, Extent extent) {
    this.stand = stand;
    this.extent = extent;
  }

  public void run(Consumer<Row> rows) throws InterruptedException {
    raw(rows);
    hit("topics", stand.topics(), 500, rows);
    hit("http", stand.door(), 50, rows);
    join("topics", stand.topics(), 500, rows);
    join("http", stand.door(), 50, rows);
    miss("topics", stand.topics(), 500, rows);
    miss("http", stand.door(), 50, rows);
    mixed("topics", stand.topics(), 500, rows);
    mixed("http", stand.door(), 50, rows);
  }

  private void raw(Consumer<Row> rows) throws InterruptedException {
    IntFunction<Ask> anything = n -> Ask.of("raw-" + n, 0);
    double perSecond = rate(stand.raw(), 1_000, 100_000, anything);
    rows.accept(times("raw", "topics", List.of(), "raw").with("perSecond", perSecond));
  }

  private void hit(String via, Way way, int window, Consumer<Row> rows)
      throws InterruptedException {
    var keys = stand.fresh();
    IntFunction<Ask> known = n -> Ask.of(keys + n % KNOWN, 0);
    load.closed(KNOWN, KNOWN, new Caller(way, known, new Tally()));
    double perSecond = rate(way, window, 20_000, known);
    rows.accept(
        times("hit", via, List.of(caller(way, known)), "cached").with("perSecond", perSecond));
  }

  private void join(String via, Way way, int window, Consumer<Row> rows)
      throws InterruptedException {
    var keys = stand.fresh();
    double perSecond = rate(way, window, 20_000, n -> Ask.of(keys + n / JOINERS, 0));
    var times = stand.fresh();
    IntFunction<Ask> same = n -> Ask.of(times + n, 0);
    rows.accept(
        times("join", via, List.of(caller(way, same), caller(way, same)), "joined")
            .with("perSecond", perSecond));
  }

  private void miss(String via, Way way, int window, Consumer<Row> rows)
      throws InterruptedException {
    var keys = stand.fresh();
    double perSecond = rate(way, window, 10_000, n -> Ask.of(keys + n, 0));
    var times = stand.fresh();
    IntFunction<Ask> unknown = n -> Ask.of(times + n, 0);
    rows.accept(
        times("miss", via, List.of(caller(way, unknown)), "computed").with("perSecond", perSecond));
  }

  /// Of ten requests six are for what is known, three are new, one asks the same as the one before.
  private void mixed(String via, Way way, int window, Consumer<Row> rows)
      throws InterruptedException {
    var known = stand.fresh();
    load.closed(KNOWN, KNOWN, new Caller(way, n -> Ask.of(known + n, 0), new Tally()));
    var rates = stand.fresh();
    double perSecond = rate(way, window, 10_000, n -> Ask.of(mixed(known, rates, n), 0));
    var times = stand.fresh();
    rows.accept(
        times("mixed", via, List.of(caller(way, n -> Ask.of(mixed(known, times, n), 0))), null)
            .with("perSecond", perSecond));
  }

  private static String mixed(String known, String fresh, int n) {
    int kind = n % 10;
    return kind < 6 ? known + n % KNOWN : fresh + (kind == 9 ? n - 1 : n);
  }

  private double rate(Way way, int window, int full, IntFunction<Ask> asks)
      throws InterruptedException {
    var caller = caller(way, asks);
    double seconds = load.closed(window, extent.of(full), SECONDS, caller);
    caller.tally().demandAnswers();
    return caller.tally().times().count() / seconds;
  }

  /// The times of those of `callers` that end as `how`, in turn with the raw hop.
  ///
  /// @param how null: of all
  private Row times(String name, String via, List<Caller> callers, @Nullable String how)
      throws InterruptedException {
    var raw = caller(stand.raw(), n -> Ask.of("raw-" + n, 0));
    var inTurn = new ArrayList<Caller>();
    inTurn.add(raw);
    inTurn.addAll(callers);
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

  private static Caller caller(Way way, IntFunction<Ask> asks) {
    return new Caller(way, asks, new Tally());
  }
}
