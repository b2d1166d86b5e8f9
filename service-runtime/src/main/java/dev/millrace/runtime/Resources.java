package dev.millrace.runtime;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Clock;
import java.time.InstantSource;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/// What a service is handed from outside, so that tests can hand in their own.
///
/// @param clock the wall clock
/// @param nanoTime monotonic time, ns, from an arbitrary start
/// @param random for jitter and names, never for anything that must be repeatable
/// @param meters where metrics go
public record Resources(
    InstantSource clock, LongSupplier nanoTime, RandomGenerator random, MeterRegistry meters) {

  /// The real ones.
  public static Resources system() {
    return new Resources(
        Clock.systemUTC(),
        System::nanoTime,
        new java.security.SecureRandom(),
        new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
  }
}
