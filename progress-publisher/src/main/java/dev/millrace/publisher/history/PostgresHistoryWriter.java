package dev.millrace.publisher.history;

import static java.util.Comparator.comparing;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.millrace.contracts.Completion;
import dev.millrace.contracts.Decision;
import dev.millrace.contracts.DecisionKind;
import dev.millrace.contracts.JobId;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.Progress;
import dev.millrace.contracts.Status;
import dev.millrace.contracts.Tier;
import dev.millrace.publisher.history.HistoryEvent.Decided;
import dev.millrace.publisher.history.HistoryEvent.Ended;
import dev.millrace.publisher.history.HistoryEvent.Progressed;
import dev.millrace.publisher.history.HistoryEvent.Rejected;
import dev.millrace.publisher.history.HistoryEvent.RequestAdmitted;
import dev.millrace.runtime.request.CanonicalJson;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
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

  private static final String REQUEST_ADMITTED =
      """
      insert into requests as r
        (organization_id, request_id, request_hash, type, tier, user_id, tags, origin,
         params, params_bytes, scope, workspace_id, asked, created_at, updated_at)
      values
        (:organization, :request, :hash, :type, :tier, :user, :tags, :origin,
         :params, :paramsBytes, :scope, :workspace, cast(:asked as json), :at, :at)
      on conflict (organization_id, request_id, request_hash) do update set
        type = coalesce(r.type, excluded.type),
        tier = case when r.origin is null and r.status = 'queued' then excluded.tier else r.tier end,
        user_id = coalesce(r.user_id, excluded.user_id),
        tags = case when r.origin is null then excluded.tags else r.tags end,
        origin = coalesce(r.origin, excluded.origin),
        params = coalesce(r.params, excluded.params),
        params_bytes = coalesce(r.params_bytes, excluded.params_bytes),
        scope = coalesce(r.scope, excluded.scope),
        workspace_id = coalesce(r.workspace_id, excluded.workspace_id),
        asked = coalesce(r.asked, excluded.asked),
        created_at = least(r.created_at, excluded.created_at)
      """;

  private static final String REQUEST_DECIDED =
      """
      insert into requests as r
        (organization_id, request_id, request_hash, type, tier, job_id, decision_sequence,
         created_at, updated_at)
      values
        (:organization, :request, :hash, :type, :tier, :job, :sequence, :at, :at)
      on conflict (organization_id, request_id, request_hash) do update set
        type = coalesce(r.type, excluded.type),
        tier = coalesce(r.tier, excluded.tier),
        job_id = case
          when r.job_id is null
            or r.status = 'queued' and excluded.decision_sequence > r.decision_sequence
          then coalesce(excluded.job_id, r.job_id) else r.job_id end,
        decision_sequence = greatest(r.decision_sequence, excluded.decision_sequence),
        created_at = least(r.created_at, excluded.created_at),
        updated_at = greatest(r.updated_at, excluded.updated_at)
      """;

  private static final String REQUEST_ENDED =
      """
      insert into requests as r
        (organization_id, request_id, request_hash, type, tier, status, source, job_id, attempts,
         wait_ms, run_ms, saved_ms, error, error_code, error_message,
         result, result_ref, result_bytes, result_sha256, user_id,
         completion_partition, completion_offset, created_at, updated_at, completed_at)
      values
        (:organization, :request, :hash, :type, :tier, :status, :source, :job, :attempts,
         :waitMs, :runMs, :savedMs, cast(:error as json), :code, :message,
         cast(:result as json), :ref, :bytes, :sha256, :user,
         :partition, :offset, :created, :at, :at)
      on conflict (organization_id, request_id, request_hash) do update set
        type = excluded.type,
        tier = excluded.tier,
        status = excluded.status,
        source = excluded.source,
        job_id = coalesce(excluded.job_id, r.job_id),
        attempts = excluded.attempts,
        wait_ms = excluded.wait_ms,
        run_ms = excluded.run_ms,
        saved_ms = excluded.saved_ms,
        error = excluded.error,
        error_code = excluded.error_code,
        error_message = excluded.error_message,
        result = excluded.result,
        result_ref = excluded.result_ref,
        result_bytes = excluded.result_bytes,
        result_sha256 = excluded.result_sha256,
        user_id = coalesce(excluded.user_id, r.user_id),
        completion_partition = excluded.completion_partition,
        completion_offset = excluded.completion_offset,
        updated_at = greatest(r.updated_at, excluded.updated_at),
        completed_at = excluded.completed_at
      where r.status = 'queued'
      """;

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

  /// Longer params are not kept, for they would fill the database.
  private static final int LONGEST_PARAMS = 64 * 1024;

  private final PostgresDatabase database;

  public PostgresHistoryWriter(PostgresDatabase database) {
    this.database = database;
  }

  /// Applies all in one transaction. Rows are written in the order of their keys, so that two
  /// instances never wait for each other in a circle.
  public void write(Collection<? extends HistoryEvent> events) {
    var admitted = new ArrayList<RequestAdmitted>();
    var decisions = new ArrayList<Decision>();
    var progress = new TreeMap<String, Progress>();
    var ended = new ArrayList<Ended>();
    var rejected = new ArrayList<Rejected>();
    for (var event : events) {
      switch (event) {
        case RequestAdmitted request -> admitted.add(request);
        case Decided(var decision) -> decisions.add(decision);
        case Progressed(var report) ->
            progress.merge(keyOf(report), report, PostgresHistoryWriter::later);
        case Ended end -> ended.add(end);
        case Rejected rejection -> rejected.add(rejection);
      }
    }
    database.write(handle -> {
      writeJobs(handle, decisions);
      writeProgress(handle, List.copyOf(progress.values()));
      writeAdmitted(handle, admitted);
      writeDecided(handle, decisions);
      writeDecisions(handle, decisions);
      writeEnded(handle, ended);
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

  private static void writeAdmitted(Handle handle, List<RequestAdmitted> requests) {
    if (requests.isEmpty()) {
      return;
    }
    var batch = handle.prepareBatch(REQUEST_ADMITTED);
    requests.stream()
        .sorted((a, b) -> a.request().requestId().compareTo(b.request().requestId()))
        .forEach(event -> {
          var request = event.request();
          var params = CanonicalJson.of(request.params());
          int paramsBytes = params.getBytes(StandardCharsets.UTF_8).length;
          bindRequest(
              batch, request.organizationId(), request.requestId(), request.requestHash().hex());
          batch
              .bind("type", request.type())
              .bind("tier", request.tier().id())
              .bind("user", request.userId())
              .bindArray("tags", String.class, request.tags())
              .bind("origin", request.origin().toString())
              .bind("params", paramsBytes > LONGEST_PARAMS ? null : params)
              .bind("paramsBytes", paramsBytes)
              .bind("scope", request.scope().id())
              .bind("workspace", request.workspaceId())
              .bind("asked", json(Asked.of(request)))
              .bind("at", time(event.at()))
              .add();
        });
    var _ = batch.execute();
  }

  private static void writeDecided(Handle handle, List<Decision> decisions) {
    var batch = handle.prepareBatch(REQUEST_DECIDED);
    decisions.stream()
        .filter(PostgresHistoryWriter::givesRequestItsJob)
        .sorted((a, b) -> text(a.requestId()).compareTo(text(b.requestId())))
        .forEach(decision -> {
          bindRequest(
              batch, decision.organizationId(), text(decision.requestId()), hashOf(decision));
          batch
              .bind("type", typeOf(decision))
              .bind("tier", id(decision.tier()))
              .bind("job", id(decision.jobId()))
              .bind("sequence", decision.sequence())
              .bind("at", time(decision.at()))
              .add();
        });
    if (batch.size() > 0) {
      var _ = batch.execute();
    }
  }

  private static void writeDecisions(Handle handle, List<Decision> decisions) {
    var batch = handle.prepareBatch(DECISION);
    decisions.stream()
        .filter(decision -> decision.requestHash() != null)
        .sorted(comparing(PostgresHistoryWriter::hashOf).thenComparingLong(Decision::sequence))
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

  private static boolean givesRequestItsJob(Decision decision) {
    return decision.requestId() != null
        && decision.requestHash() != null
        && switch (decision.decision()) {
          case DISPATCHED, JOINED, HIT -> true;
          default -> false;
        };
  }

  private static void writeEnded(Handle handle, List<Ended> ends) {
    if (ends.isEmpty()) {
      return;
    }
    var batch = handle.prepareBatch(REQUEST_ENDED);
    ends.stream()
        .sorted((a, b) -> a.completion().requestId().compareTo(b.completion().requestId()))
        .forEach(end -> bindEnd(batch, end));
    var _ = batch.execute();
  }

  private static void bindEnd(PreparedBatch batch, Ended end) {
    Completion completion = end.completion();
    var failure = completion.error();
    var source = completion.source();
    var result = completion.result();
    bindRequest(
        batch, completion.organizationId(), completion.requestId(), completion.requestHash().hex());
    batch
        .bind("type", completion.type())
        .bind("tier", completion.tier().id())
        .bind("status", completion.status().id())
        .bind("source", source == null ? null : source.id())
        .bind("job", id(completion.jobId()))
        .bind("attempts", completion.attempts())
        .bind("waitMs", completion.waitMs())
        .bind("runMs", completion.runMs())
        .bind("savedMs", completion.savedMs())
        .bind("error", failure == null ? null : json(failure))
        .bind("code", failure == null ? null : plain(failure.code()))
        .bind("message", failure == null ? null : plain(failure.message()))
        .bind("result", result == null || result.isNull() ? null : json(result))
        .bind("ref", completion.resultRef())
        .bind("bytes", completion.resultBytes())
        .bind("sha256", completion.resultSha256())
        .bind("user", completion.userId())
        .bind("partition", end.partition())
        .bind("offset", end.offset())
        .bind(
            "created",
            time(
                completion
                    .completedAt()
                    .minusMillis(Math.max(0, completion.waitMs() + completion.runMs()))))
        .bind("at", time(completion.completedAt()))
        .add();
  }

  private static void writeRejected(Handle handle, List<Rejected> rejections) {
    if (rejections.isEmpty()) {
      return;
    }
    var batch = handle.prepareBatch(REQUEST_REJECTED);
    for (var rejection : rejections) {
      bindRequest(
          batch,
          rejection.organizationId(),
          rejection.requestId(),
          "rejected:" + rejection.place());
      batch
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

  private static void bindRequest(
      PreparedBatch batch, @Nullable String organization, String request, String hash) {
    batch.bind("organization", text(organization)).bind("request", request).bind("hash", hash);
  }

  private static String hashOf(Decision decision) {
    var hash = decision.requestHash();
    return hash == null ? "" : hash.hex();
  }

  private static @Nullable String typeOf(Decision decision) {
    if (decision.type() != null) {
      return decision.type();
    }
    var job = decision.jobId();
    int colon = job == null ? -1 : job.value().indexOf(':');
    return job == null || colon < 0 ? null : job.value().substring(0, colon);
  }

  private static @Nullable String id(@Nullable Tier tier) {
    return tier == null ? null : tier.id();
  }

  private static @Nullable String id(@Nullable JobId job) {
    return job == null ? null : job.value();
  }

  private static String text(@Nullable String text) {
    return text == null ? "" : text;
  }

  /// PostgreSQL text holds no NUL.
  private static @Nullable String plain(@Nullable String text) {
    return text == null ? null : text.replace('\0', '\uFFFD');
  }

  private static OffsetDateTime time(Instant instant) {
    return instant.atOffset(ZoneOffset.UTC);
  }

  private static @Nullable OffsetDateTime timeOrNull(@Nullable Instant instant) {
    return instant == null ? null : time(instant);
  }

  private static String json(Object value) {
    try {
      return Json.MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException("cannot write " + value.getClass().getSimpleName(), e);
    }
  }
}
