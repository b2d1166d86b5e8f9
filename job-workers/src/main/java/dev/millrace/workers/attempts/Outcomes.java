package dev.millrace.workers.attempts;

import dev.millrace.contracts.DeclineReason;
import dev.millrace.contracts.Failure;
import dev.millrace.contracts.FailureCode;
import dev.millrace.contracts.Job;
import dev.millrace.contracts.Outcome;
import dev.millrace.workers.handlers.JobFailure;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/// The words in which this worker says what became of a run.
final class Outcomes {

  private static final int LONGEST_MESSAGE = 2_000;

  private final String workerId;
  private final InstantSource clock;

  Outcomes(String workerId, InstantSource clock) {
    this.workerId = workerId;
    this.clock = clock;
  }

  Outcome.Started started(Job job, String runId) {
    return new Outcome.Started(
        job.jobId(), job.requestHash(), job.epoch(), runId, workerId, clock.instant());
  }

  Outcome.Heartbeat heartbeat(Run run) {
    var job = run.job();
    return new Outcome.Heartbeat(
        job.jobId(),
        job.requestHash(),
        job.epoch(),
        run.runId(),
        workerId,
        run.waiting(),
        clock.instant());
  }

  Outcome.Succeeded succeeded(Run run, long runMs, Results.Packed answer) {
    var job = run.job();
    return new Outcome.Succeeded(
        job.jobId(),
        job.requestHash(),
        job.epoch(),
        run.runId(),
        workerId,
        runMs,
        answer.confidence(),
        answer.inline(),
        answer.ref(),
        answer.bytes(),
        answer.sha256(),
        clock.instant());
  }

  Outcome.Failed failed(Run run, long runMs, Throwable thrown) {
    if (thrown instanceof JobFailure failure) {
      return failed(
          run,
          runMs,
          failure.code(),
          String.valueOf(failure.getMessage()),
          failure.isRetryable(),
          failure.retryAfter());
    }
    return failed(
        run,
        runMs,
        FailureCode.HANDLER_FAILED.name(),
        "%s in attempt %d of job %s".formatted(thrown, run.job().attempt(), run.job().jobId()),
        true,
        null);
  }

  Outcome.Failed timedOut(Run run, long runMs) {
    return failed(
        run,
        runMs,
        FailureCode.TIMED_OUT.name(),
        "job %s was stopped after its run limit of %,d ms"
            .formatted(run.job().jobId(), run.job().runLimitMs()),
        true,
        null);
  }

  Outcome.Failed notKept(Run run, long runMs) {
    return failed(
        run,
        runMs,
        FailureCode.HANDLER_FAILED.name(),
        "job %s has done its work, but its result was not kept before it was told to stop"
            .formatted(run.job().jobId()),
        true,
        null);
  }

  Outcome.Failed silent(Run run, long runMs) {
    return failed(
        run,
        runMs,
        FailureCode.WORKER_LOST.name(),
        "job %s stopped itself: the broker acknowledged none of its heartbeats for too long"
            .formatted(run.job().jobId()),
        true,
        null);
  }

  private Outcome.Failed failed(
      Run run,
      long runMs,
      String code,
      String message,
      boolean retryable,
      @Nullable Duration retryAfter) {
    var job = run.job();
    return new Outcome.Failed(
        job.jobId(),
        job.requestHash(),
        job.epoch(),
        run.runId(),
        workerId,
        runMs,
        new Failure(code, sendable(message), retryable, job.attempt()),
        retryAfter == null ? null : Math.max(0, retryAfter.toMillis()),
        clock.instant());
  }

  /// A text that JSON can carry: not endless, no half of a surrogate pair.
  static String sendable(String text) {
    var cut = text.length() <= LONGEST_MESSAGE ? text : text.substring(0, LONGEST_MESSAGE);
    return new String(cut.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
  }

  Outcome.Cancelled cancelled(Run run) {
    var job = run.job();
    return new Outcome.Cancelled(
        job.jobId(), job.requestHash(), job.epoch(), run.runId(), workerId, clock.instant());
  }

  Outcome.Declined declined(Job job, @Nullable String runId, DeclineReason reason) {
    return new Outcome.Declined(
        job.jobId(), job.requestHash(), job.epoch(), runId, workerId, reason, clock.instant());
  }
}
