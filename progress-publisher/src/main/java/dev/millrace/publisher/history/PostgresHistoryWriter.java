package dev.millrace.publisher.history;

import static dev.millrace.publisher.history.PostgresColumns.hashOf;
import static dev.millrace.publisher.history.PostgresColumns.id;
import static dev.millrace.publisher.history.PostgresColumns.json;
import static dev.millrace.publisher.history.PostgresColumns.plain;
import static dev.millrace.publisher.history.PostgresColumns.text;
import static dev.millrace.publisher.history.PostgresColumns.time;
import static dev.millrace.publisher.history.PostgresColumns.timeOrNull;
import static dev.millrace.publisher.history.PostgresColumns.typeOf;
import static java.util.Comparator.comparing;

import dev.millrace.contracts.Decision;
import dev.millrace.contracts.DecisionKind;
import dev.millrace.contracts.Progress;
import dev.millrace.contracts.Status;
import dev.millrace.publisher.history.HistoryEvent.Decided;
import dev.millrace.publisher.history.HistoryEvent.Ended;
import dev.millrace.publisher.history.HistoryEvent.Progressed;
import dev.millrace.publisher.history.HistoryEvent.Rejected;
import dev.millrace.publisher.history.HistoryEvent.RequestAdmitted;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;

/// Applies records to the history.
///
/// Every statement is an upsert that may be repeated and may come in any order among topics: an end
/// is never overwritten, decisions about a job count by sequence, progress by attempt, run and
/// sequence, and what is only filled in is filled in once.
public final class PostgresHistoryWriter {

  private static final String REQUEST_REJECTED =
      """
      insert into requests
        (organization_id, request_id, request_hash, type, tier, status, user_id, origin,
         error_code, error_message, error_field, created_at, updated_at, completed_at)
      values
        (:organization, :request, :hash, :type, :tier, 'rejected', :user, :origin,
         :code, :message, :field, :at, :at, :at)
      on conflict (organization_id, request_id, request_hash) do nothing
      """;

  private static final String JOB_DECIDED =
      """
      insert into jobs as j
        (job_id, request_hash, type, tier, status, attempt, retry_count, epoch, run_id,
         decision_sequence, queued_at, waiting_since, not_before, started_at, ended_at, updated_at)
      values
        (:job, :hash, :type, :tier, :status, :attempt, :retries, :epoch, :run,
         :sequence, :queued, :waiting, :notBefore, :started, :ended, :at)
      on conflict (job_id) do update set
        type = coalesce(j.type, excluded.type),
        tier = case when excluded.decision_sequence > j.decision_sequence
          then coalesce(excluded.tier, j.tier) else coalesce(j.tier, excluded.tier) end,
        status = case
          when j.ended_at is not null then j.status
          when excluded.ended_at is not null then excluded.status
          when excluded.decision_sequence > j.decision_sequence then excluded.status
          else j.status end,
        attempt = greatest(j.attempt, excluded.attempt),
        retry_count = greatest(j.retry_count, excluded.retry_count),
        epoch = greatest(j.epoch, excluded.epoch),
        run_id = case when excluded.decision_sequence > j.decision_sequence
          then coalesce(excluded.run_id, j.run_id) else coalesce(j.run_id, excluded.run_id) end,
        queued_at = coalesce(least(j.queued_at, excluded.queued_at), j.queued_at),
        waiting_since = greatest(j.waiting_since, excluded.waiting_since),
        not_before = case when excluded.decision_sequence > j.decision_sequence
          then excluded.not_before else j.not_before end,
        started_at = least(j.started_at, excluded.started_at),
        ended_at = least(j.ended_at, excluded.ended_at),
        decision_sequence = greatest(j.decision_sequence, excluded.decision_sequence),
        updated_at = greatest(j.updated_at, excluded.updated_at)
      """;

  private static final String JOB_PROGRESSED =
      """
      insert into jobs as j
        (job_id, request_hash, type, tier, status, attempt, progress, processed_items, total_items,
         message, eta_ms, progress_run_id, progress_attempt, progress_sequence,
         started_at, ended_at, updated_at)
      values
        (:job, :hash, :type, :tier, :status, :attempt, coalesce(cast(:progress as integer), 0), :processed, :total,
         :message, :etaMs, :run, :attempt, :sequence, :started, :ended, :at)
      on conflict (job_id) do update set
        type = coalesce(j.type, excluded.type),
        tier = coalesce(j.tier, excluded.tier),
        status = case
          when excluded.ended_at is not null then excluded.status
          when j.decision_sequence < 0 then excluded.status
          else j.status end,
        attempt = greatest(j.attempt, excluded.attempt),
        progress = coalesce(cast(:progress as integer), j.progress),
        processed_items = excluded.processed_items,
        total_items = excluded.total_items,
        message = excluded.message,
        eta_ms = excluded.eta_ms,
        progress_run_id = excluded.progress_run_id,
        progress_attempt = excluded.progress_attempt,
        progress_sequence = excluded.progress_sequence,
        started_at = least(j.started_at, excluded.started_at),
        ended_at = least(j.ended_at, excluded.ended_at),
        updated_at = greatest(j.updated_at, excluded.updated_at)
      where
        excluded.ended_at is not null and (j.ended_at is null or j.status = excluded.status)
        or j.ended_at is null
          and (excluded.progress_attempt > j.progress_attempt
            or excluded.progress_attempt = j.progress_attempt
              and (excluded.progress_run_id is not distinct from j.progress_run_id
                  and excluded.progress_sequence > j.progress_sequence
                or excluded.progress_run_id is distinct from j.progress_run_id
                  and excluded.progress_run_id is not distinct from j.run_id))
      """;

  private static final String DECISION =
      """
      insert into decisions
        (request_hash, sequence, kind, organization_id, request_id, job_id, decision)
      values
        (:hash, :sequence, :kind, :organization, :request, :job, cast(:decision as json))
      on conflict do nothing
      """;

  private final PostgresDatabase database;

  public PostgresHistoryWriter(PostgresDatabase database) {
    this.database = database;
  }

  /// Applies all in one transaction. Rows are written in the order of their keys, so that two
  /// instances never wait for each other in a circle.
  public void write(Collection<? extends HistoryEvent> events) {
    var requests = new PostgresRequestRows();
    var decisions = new ArrayList<Decision>();
    var progress = new TreeMap<String, Progress>();
    var rejected = new ArrayList<Rejected>();
    for (var event : events) {
      switch (event) {
        case RequestAdmitted request -> requests.add(request);
        case Decided(var decision) -> {
          requests.add(decision);
          decisions.add(decision);
        }
        case Progressed(var report) ->
            progress.merge(keyOf(report), report, PostgresHistoryWriter::later);
        case Ended end -> requests.add(end);
        case Rejected rejection -> rejected.add(rejection);
      }
    }
    database.write(handle -> {
      writeJobs(handle, decisions);
      writeProgress(handle, List.copyOf(progress.values()));
      requests.write(handle);
      writeDecisions(handle, decisions);
      writeRejected(handle, rejected);
    });
  }

  /// Only the last report of a run matters.
  private static String keyOf(Progress report) {
    return report.jobId() + " " + report.attempt() + " " + report.runId() + " " + report.terminal();
  }

  private static Progress later(Progress one, Progress other) {
    return other.sequence() > one.sequence() ? other : one;
  }

  private static void writeDecisions(Handle handle, List<Decision> decisions) {
    var batch = handle.prepareBatch(DECISION);
    decisions.stream()
        .filter(decision -> decision.requestHash() != null)
        .sorted(comparing(PostgresColumns::hashOf).thenComparingLong(Decision::sequence))
        .forEach(decision ->
            batch
                .bind("hash", hashOf(decision))
                .bind("sequence", decision.sequence())
                .bind("kind", decision.decision().name())
                .bind("organization", text(decision.organizationId()))
                .bind("request", decision.requestId())
                .bind("job", id(decision.jobId()))
                .bind("decision", plain(json(decision)))
                .add());
    if (batch.size() > 0) {
      var _ = batch.execute();
    }
  }

  private static void writeRejected(Handle handle, List<Rejected> rejections) {
    if (rejections.isEmpty()) {
      return;
    }
    var batch = handle.prepareBatch(REQUEST_REJECTED);
    for (var rejection : rejections) {
      batch
          .bind("organization", text(rejection.organizationId()))
          .bind("request", rejection.requestId())
          .bind("hash", "rejected:" + rejection.place())
          .bind("type", rejection.type())
          .bind("tier", id(rejection.tier()))
          .bind("user", rejection.userId())
          .bind("origin", rejection.place())
          .bind("code", plain(rejection.code()))
          .bind("message", plain(rejection.message()))
          .bind("field", plain(rejection.field()))
          .bind("at", time(rejection.at()))
          .add();
    }
    var _ = batch.execute();
  }

  private static void writeJobs(Handle handle, List<Decision> decisions) {
    var batch = handle.prepareBatch(JOB_DECIDED);
    decisions.stream()
        .filter(decision -> decision.jobId() != null && statusOf(decision) != null)
        .sorted((a, b) -> text(id(a.jobId())).compareTo(text(id(b.jobId()))))
        .forEach(decision -> bindJob(batch, decision));
    if (batch.size() > 0) {
      var _ = batch.execute();
    }
  }

  private static void bindJob(PreparedBatch batch, Decision decision) {
    Status status = statusOf(decision);
    if (status == null) {
      return;
    }
    var kind = decision.decision();
    var at = time(decision.at());
    var attempt = decision.attempt();
    boolean queued =
        kind == DecisionKind.DISPATCHED
            || kind == DecisionKind.REDISPATCHED
            || kind == DecisionKind.PROMOTED;
    boolean ended = ends(status);
    batch
        .bind("job", id(decision.jobId()))
        .bind("hash", hashOf(decision))
        .bind("type", typeOf(decision))
        .bind("tier", id(decision.tier()))
        .bind("status", status.id())
        .bind("attempt", attempt == null ? 1 : attempt)
        .bind("retries", retries(kind, attempt))
        .bindByType("epoch", decision.epoch(), Long.class)
        .bind("run", decision.runId())
        .bind("sequence", decision.sequence())
        .bind("queued", kind == DecisionKind.DISPATCHED ? at : null)
        .bind("waiting", queued ? at : null)
        .bind("notBefore", timeOrNull(decision.notBefore()))
        .bind("started", kind == DecisionKind.STARTED ? at : null)
        .bind("ended", ended ? at : null)
        .bind("at", at)
        .add();
  }

  private static int retries(DecisionKind kind, @Nullable Integer attempt) {
    int known = attempt == null ? 1 : attempt;
    return kind == DecisionKind.RETRIED ? known : Math.max(0, known - 1);
  }

  /// What a decision makes of its job; null when it leaves the job as it is.
  private static @Nullable Status statusOf(Decision decision) {
    return switch (decision.decision()) {
      case DISPATCHED, PROMOTED, REDISPATCHED -> Status.QUEUED;
      case STARTED -> Status.PROCESSING;
      case RETRIED -> Status.RETRYING;
      case SUCCEEDED -> Status.COMPLETED;
      case FAILED, DEAD_LETTERED -> Status.FAILED;
      case CANCELLED -> decision.requestId() == null ? Status.CANCELLED : null;
      default -> null;
    };
  }

  private static void writeProgress(Handle handle, List<Progress> reports) {
    if (reports.isEmpty()) {
      return;
    }
    var batch = handle.prepareBatch(JOB_PROGRESSED);
    for (var report : reports) {
      var at = time(report.at());
      batch
          .bind("job", report.jobId().value())
          .bind("hash", report.requestHash().hex())
          .bind("type", report.type())
          .bind("tier", report.tier().id())
          .bind("status", report.status().id())
          .bind("attempt", report.attempt())
          .bindByType("progress", percent(report), Integer.class)
          .bindByType("processed", report.processedItems(), Long.class)
          .bindByType("total", report.totalItems(), Long.class)
          .bind("message", plain(report.message()))
          .bindByType("etaMs", report.etaMs(), Long.class)
          .bind("run", report.runId())
          .bind("sequence", report.sequence())
          .bind("started", report.terminal() ? null : at)
          .bind("ended", report.terminal() ? at : null)
          .bind("at", at)
          .add();
    }
    var _ = batch.execute();
  }

  private static @Nullable Integer percent(Progress report) {
    var given = report.progress();
    return given == null ? null : Math.clamp(given, 0, 100);
  }

  private static boolean ends(Status status) {
    return status == Status.COMPLETED || status == Status.FAILED || status == Status.CANCELLED;
  }
}
