package dev.millrace.cache.ledger;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/// The one clock of a partition: the later of the wall clock and its own last value plus the
/// monotonic time since. It never goes back, even over a restart, and never stands still while the
/// wall clock is behind. No record's time has a part in it. Whoever reads beside the ledger may ask
/// it too.
public final class LedgerClock {

  private final InstantSource wall;
  private final LongSupplier nanoTime;
  private long lastMillis;
  private long lastNanos;

  /// @param startMillis the latest time this partition has seen before
  public LedgerClock(InstantSource wall, LongSupplier nanoTime, long startMillis) {
    this.wall = wall;
    this.nanoTime = nanoTime;
    this.lastMillis = startMillis;
    this.lastNanos = nanoTime.getAsLong();
  }

  public synchronized Instant now() {
    long nanos = nanoTime.getAsLong();
    long elapsed = Duration.ofNanos(nanos - lastNanos).toMillis();
    if (elapsed > 0) {
      lastMillis += elapsed;
      lastNanos += elapsed * 1_000_000;
    }
    lastMillis = Math.max(lastMillis, wall.millis());
    return Instant.ofEpochMilli(lastMillis);
  }

  long nanos() {
    return nanoTime.getAsLong();
  }
}
