package dev.millrace.workers;

import dev.millrace.contracts.DeclineReason;
import dev.millrace.contracts.Job;
import dev.millrace.contracts.Outcome;
import dev.millrace.workers.attempts.RunListener;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Locale;

/// Counts what happens to runs.
///
/// | metric | labels |
/// |---|---|
/// | `jobs.attempts` (count and time) | `lane`, `type`, `outcome` |
/// | `jobs.declined` | `lane`, `reason` |
/// | `jobs.abandoned` | `lane`, `type` |
/// | `jobs.cost` | `type` |
/// | `workers.slots.used` | |
final class RunMeters implements RunListener {

  private final MeterRegistry meters;

  RunMeters(MeterRegistry meters) {
    this.meters = meters;
  }

  @Override
  public void ended(Job job, Outcome outcome, long runMs) {
    meters
        .timer(
            "jobs.attempts",
            "lane",
            job.lane(),
            "type",
            job.type(),
            "outcome",
            outcome.getClass().getSimpleName().toLowerCase(Locale.ROOT))
        .record(Duration.ofMillis(runMs));
  }

  @Override
  public void declined(Job job, DeclineReason reason) {
    meters.counter("jobs.declined", "lane", job.lane(), "reason", reason.id()).increment();
  }

  @Override
  public void abandoned(Job job) {
    meters.counter("jobs.abandoned", "lane", job.lane(), "type", job.type()).increment();
  }

  @Override
  public void cost(Job job, double cost) {
    meters.counter("jobs.cost", "type", job.type()).increment(cost);
  }
}
