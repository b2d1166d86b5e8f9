package dev.millrace.workers;

import dev.millrace.runtime.Resources;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Random;

/// A wall clock and a monotonic clock that stand still until they are moved.
public final class HandMovedTime implements InstantSource {

  private Instant now = Instant.parse("2026-11-20T09:00:00Z");
  private long nanos = 1_000_000_000L;

  @Override
  public synchronized Instant instant() {
    return now;
  }

  public synchronized long nanos() {
    return nanos;
  }

  public synchronized void pass(Duration duration) {
    now = now.plus(duration);
    nanos += duration.toNanos();
  }

  /// Somebody sets the wall clock.
  public synchronized void setClock(Duration by) {
    now = now.plus(by);
  }

  public Resources resources() {
    return new Resources(this, this::nanos, new Random(7), new SimpleMeterRegistry());
  }
}
