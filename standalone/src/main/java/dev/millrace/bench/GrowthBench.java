package dev.millrace.bench;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/// What a known answer costs when a thousand are known, and when a million are: hits drawn evenly
/// from all of them, so that nearly every one is read from the store. The answers are given by
/// warm-ups, since to have a million computed would take an hour.
public final class GrowthBench {

  /// Steps through any number of entries in an order no cache can guess.
  private static final long STRIDE = 2_654_435_761L;

  /// A warm-up of so many has less than the 256 KiB it may have.
  private static final int AT_ONCE = 200;

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
      while (known < size) {
        int more = Math.min(AT_ONCE, size - known);
        stand
            .door()
            .warmUp(
                IntStream.range(known, known + more).mapToObj(n -> Ask.of(keys + n, 0)).toList());
        known += more;
      }
      IntFunction<Ask> any = n -> Ask.of(keys + (n * STRIDE % size), 0);
      rows.accept(gauge.known("growth-" + size, any));
    }
  }
}
