package dev.millrace.cache.layers;

import dev.millrace.runtime.Resources;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Counts and times how one layer is read. Null is a miss.
final class LayerReads {

  private final Timer hits;
  private final Timer misses;
  private final LongSupplier nanoTime;

  LayerReads(String layer, Resources resources) {
    hits = resources.meters().timer("cache.layer.reads", "layer", layer, "result", "hit");
    misses = resources.meters().timer("cache.layer.reads", "layer", layer, "result", "miss");
    nanoTime = resources.nanoTime();
  }

  <T> @Nullable T read(Supplier<@Nullable T> read) {
    long begun = nanoTime.getAsLong();
    var found = read.get();
    (found == null ? misses : hits).record(Duration.ofNanos(nanoTime.getAsLong() - begun));
    return found;
  }
}
