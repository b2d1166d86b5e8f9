package dev.millrace.bench;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/// What a known answer costs when a thousand are known, and when a million are: hits drawn evenly
/// from all of them, so that nearly every one is read from the store.
public final class GrowthBench {

  /// Steps through any number of entries in an order no cache can guess.
  private static final long STRIDE = 2_654_435_761L;

  private final Stand stand;
  private final Gauge gauge;
  private final List<Integer> sizes;

  /// @param sizes how many answers are known each time, ascending
  public GrowthBench(Stand stand, Extent extent, List<Integer> sizes) {
    this.stand = stand;
    this.gauge = new Gauge(stand, extent);
    this.sizes = sizes.stream().map(extent::of).sorted().toList();
  }

  public void run(Consumer<Row> rows) throws InterruptedException {
    var keys = stand.fresh();
    int known = 0;
    for (int size : sizes) {
      int from = known;
      gauge.ask(Gauge.WINDOW, size - from, stand.topics(), n -> Ask.of(keys + (from + n), 0));
      known = size;
      IntFunction<Ask> any = n -> Ask.of(keys + (n * STRIDE % size), 0);
      rows.accept(gauge.known("growth-" + size, any));
    }
  }
}
