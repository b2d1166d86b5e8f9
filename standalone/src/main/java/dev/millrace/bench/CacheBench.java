package dev.millrace.bench;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/// What an answer costs that is known (hit), on its way (join) or neither (miss, a job that does
/// nothing), beside one raw hop through the same broker at the same time.
///
/// Each kind is asked twice: as fast as answers come, which is its rate and warms it up; then at a
/// fixed rate in turn with the raw hop, which are its times.
public final class CacheBench {

  private static final int KNOWN = 100;

  /// How many ask the same at once where joining is measured at full speed.
  private static final int JOINERS = 10;

  private final Stand stand;
  private final Gauge gauge;

  public CacheBench(Stand stand, Extent extent) {
    this.stand = stand;
    this.gauge = new Gauge(stand, extent);
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
    var rate = gauge.rate(stand.raw(), 1_000, 100_000, anything);
    rows.accept(gauge.times("raw", "topics", List.of(), "raw").with("perSecond", rate.perSecond()));
  }

  private void hit(String via, Way way, int window, Consumer<Row> rows)
      throws InterruptedException {
    var keys = stand.fresh();
    IntFunction<Ask> known = n -> Ask.of(keys + n % KNOWN, 0);
    gauge.ask(KNOWN, way, known);
    var rate = gauge.rate(way, window, 20_000, known);
    rows.accept(
        gauge
            .times("hit", via, List.of(Gauge.caller(way, known)), "cached")
            .with("perSecond", rate.perSecond()));
  }

  private void join(String via, Way way, int window, Consumer<Row> rows)
      throws InterruptedException {
    var keys = stand.fresh();
    var rate = gauge.rate(way, window, 20_000, n -> Ask.of(keys + n / JOINERS, 0));
    var times = stand.fresh();
    IntFunction<Ask> same = n -> Ask.of(times + n, 0);
    rows.accept(
        gauge
            .times("join", via, List.of(Gauge.caller(way, same), Gauge.caller(way, same)), "joined")
            .with("perSecond", rate.perSecond()));
  }

  private void miss(String via, Way way, int window, Consumer<Row> rows)
      throws InterruptedException {
    var keys = stand.fresh();
    var rate = gauge.rate(way, window, 10_000, n -> Ask.of(keys + n, 0));
    var times = stand.fresh();
    IntFunction<Ask> unknown = n -> Ask.of(times + n, 0);
    rows.accept(
        gauge
            .times("miss", via, List.of(Gauge.caller(way, unknown)), "computed")
            .with("perSecond", rate.perSecond()));
  }

  /// Of ten requests six are for what is known, three are new, one asks the same as the one before.
  private void mixed(String via, Way way, int window, Consumer<Row> rows)
      throws InterruptedException {
    var known = stand.fresh();
    gauge.ask(KNOWN, way, n -> Ask.of(known + n, 0));
    var rates = stand.fresh();
    var rate = gauge.rate(way, window, 10_000, n -> Ask.of(mixed(known, rates, n), 0));
    var times = stand.fresh();
    rows.accept(
        gauge
            .times(
                "mixed",
                via,
                List.of(Gauge.caller(way, n -> Ask.of(mixed(known, times, n), 0))),
                null)
            .with("perSecond", rate.perSecond()));
  }

  private static String mixed(String known, String fresh, int n) {
    int kind = n % 10;
    return kind < 6 ? known + n % KNOWN : fresh + (kind == 9 ? n - 1 : n);
  }
}
