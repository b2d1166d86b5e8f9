package dev.millrace.workers.attempts;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.workers.handlers.JobContext;
import dev.millrace.workers.handlers.ProgressSink;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/// A run as its handler sees it.
final class RunContext implements JobContext {

  private final Run run;
  private final ObjectNode params;
  private final InstantSource clock;

  RunContext(Run run, InstantSource clock) {
    this.run = run;
    this.params = run.job().params().deepCopy();
    this.clock = clock;
  }

  @Override
  public ObjectNode params() {
    return params;
  }

  @Override
  public ProgressSink progress() {
    return run.progress();
  }

  @Override
  public boolean cancelled() {
    return run.cancelled();
  }

  @Override
  public Instant deadline() {
    return run.deadline();
  }

  @Override
  public Duration remaining() {
    var left = Duration.between(clock.instant(), run.deadline());
    return left.isNegative() ? Duration.ZERO : left;
  }

  @Override
  public int attempt() {
    return run.job().attempt();
  }

  @Override
  public String jobId() {
    return run.job().jobId().value();
  }

  @Override
  public String idempotencyKey() {
    return jobId();
  }

  @Override
  public Path scratch() throws IOException {
    return run.scratch().folder();
  }
}
