package dev.millrace.publisher.history;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.millrace.contracts.Progress;
import dev.millrace.contracts.Status;
import dev.millrace.contracts.Tier;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What the history knows of a job.
///
/// @param retryCount attempts that failed and were tried again
/// @param waitingSince when it last went to a lane
@JsonInclude(JsonInclude.Include.NON_NULL)
public record JobRow(
    String jobId,
    Status status,
    int progress,
    @Nullable String type,
    @Nullable Tier tier,
    int attempt,
    int retryCount,
    @Nullable Long epoch,
    @Nullable String runId,
    @Nullable Long processedItems,
    @Nullable Long totalItems,
    @Nullable String message,
    @Nullable Long etaMs,
    String requestHash,
    @Nullable Instant queuedAt,
    @Nullable Instant waitingSince,
    @Nullable Instant notBefore,
    @Nullable Instant startedAt,
    @Nullable Instant endedAt,
    Instant updatedAt) {

  public boolean ended() {
    return endedAt != null;
  }

  /// A job of which nothing is known but a report.
  public static JobRow of(Progress report) {
    return new JobRow(
        report.jobId().value(),
        report.status(),
        percent(report, 0),
        report.type(),
        report.tier(),
        report.attempt(),
        Math.max(0, report.attempt() - 1),
        null,
        report.runId(),
        report.processedItems(),
        report.totalItems(),
        report.message(),
        report.etaMs(),
        report.requestHash().hex(),
        null,
        null,
        null,
        report.at(),
        report.terminal() ? report.at() : null,
        report.at());
  }

  /// This job with a report that came later; an ended one and an older report change nothing.
  public JobRow with(Progress report) {
    boolean older =
        report.attempt() < attempt
            || (report.attempt() == attempt
                && !report.terminal()
                && percent(report, progress) < progress);
    if (ended() || older) {
      return this;
    }
    var newer = of(report);
    return new JobRow(
        jobId,
        newer.status,
        percent(report, progress),
        type == null ? newer.type : type,
        tier == null ? newer.tier : tier,
        newer.attempt,
        Math.max(retryCount, newer.retryCount),
        epoch,
        newer.runId == null ? runId : newer.runId,
        newer.processedItems,
        newer.totalItems,
        newer.message,
        newer.etaMs,
        requestHash,
        queuedAt,
        waitingSince,
        null,
        startedAt == null ? newer.startedAt : startedAt,
        newer.endedAt,
        newer.updatedAt);
  }

  private static int percent(Progress report, int otherwise) {
    var given = report.progress();
    return given == null ? otherwise : given;
  }
}
