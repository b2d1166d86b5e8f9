package dev.millrace.publisher.history;

import static dev.millrace.publisher.history.PostgresColumns.hashOf;
import static dev.millrace.publisher.history.PostgresColumns.id;
import static dev.millrace.publisher.history.PostgresColumns.json;
import static dev.millrace.publisher.history.PostgresColumns.plain;
import static dev.millrace.publisher.history.PostgresColumns.text;
import static dev.millrace.publisher.history.PostgresColumns.time;

import dev.millrace.contracts.Admitted;
import dev.millrace.contracts.Completion;
import dev.millrace.contracts.Decision;
import dev.millrace.contracts.Failure;
import dev.millrace.contracts.Source;
import dev.millrace.contracts.Status;
import dev.millrace.publisher.history.HistoryEvent.Ended;
import dev.millrace.publisher.history.HistoryEvent.RequestAdmitted;
import dev.millrace.runtime.request.CanonicalJson;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;

/// What some records say about requests, gathered to one row for each request: a row that is
/// written three times has its eight indexes written three times.
final class PostgresRequestRows {

  /* As long as a request is open its end's columns are null, and so may be taken over unseen. When
  it came, an end can only guess: who joins late waits less than the run took. */
  private static final String UPSERT =
      """
      insert into requests as r
        (organization_id, request_id, request_hash, type, tier, user_id,
         tags, origin, params, params_bytes, scope, workspace_id, asked,
         job_id, decision_sequence,
         status, source, attempts, wait_ms, run_ms, saved_ms, error, error_code, error_message,
         result, result_ref, result_bytes, result_sha256,
         completion_partition, completion_offset, completed_at, created_at, updated_at)
      values
        (:organization, :request, :hash, :type, :tier, :user,
         :tags, :origin, :params, :paramsBytes, :scope, :workspace, cast(:asked as json),
         :job, :sequence,
         :status, :source, :attempts, :waitMs, :runMs, :savedMs, cast(:error as json), :code, :message,
         cast(:result as json), :ref, :bytes, :sha256,
         :partition, :offset, :completed, :created, :updated)
      on conflict (organization_id, request_id, request_hash) do update set
        type = case when r.status = 'queued' and excluded.status <> 'queued'
          then excluded.type else coalesce(r.type, excluded.type) end,
        tier = case when r.status = 'queued'
            and (excluded.status <> 'queued' or r.origin is null and excluded.origin is not null)
          then excluded.tier else coalesce(r.tier, excluded.tier) end,
        user_id = case when r.status = 'queued' and excluded.status <> 'queued'
          then coalesce(excluded.user_id, r.user_id)
          else coalesce(r.user_id, excluded.user_id) end,
        tags = case when r.origin is null then excluded.tags else r.tags end,
        origin = coalesce(r.origin, excluded.origin),
        params = coalesce(r.params, excluded.params),
        params_bytes = coalesce(r.params_bytes, excluded.params_bytes),
        scope = coalesce(r.scope, excluded.scope),
        workspace_id = coalesce(r.workspace_id, excluded.workspace_id),
        asked = coalesce(r.asked, excluded.asked),
        job_id = case when r.job_id is null or r.status = 'queued'
            and (excluded.status <> 'queued' or excluded.decision_sequence > r.decision_sequence)
          then coalesce(excluded.job_id, r.job_id) else r.job_id end,
        decision_sequence = greatest(r.decision_sequence, excluded.decision_sequence),
        status = case when r.status = 'queued' then excluded.status else r.status end,
        source = case when r.status = 'queued' then excluded.source else r.source end,
        attempts = case when r.status = 'queued' then excluded.attempts else r.attempts end,
        wait_ms = case when r.status = 'queued' then excluded.wait_ms else r.wait_ms end,
        run_ms = case when r.status = 'queued' then excluded.run_ms else r.run_ms end,
        saved_ms = case when r.status = 'queued' then excluded.saved_ms else r.saved_ms end,
        error = case when r.status = 'queued' then excluded.error else r.error end,
        error_code = case when r.status = 'queued' then excluded.error_code else r.error_code end,
        error_message = case when r.status = 'queued'
          then excluded.error_message else r.error_message end,
        result = case when r.status = 'queued' then excluded.result else r.result end,
        result_ref = case when r.status = 'queued' then excluded.result_ref else r.result_ref end,
        result_bytes = case when r.status = 'queued'
          then excluded.result_bytes else r.result_bytes end,
        result_sha256 = case when r.status = 'queued'
          then excluded.result_sha256 else r.result_sha256 end,
        completion_partition = case when r.status = 'queued'
          then excluded.completion_partition else r.completion_partition end,
        completion_offset = case when r.status = 'queued'
          then excluded.completion_offset else r.completion_offset end,
        completed_at = case when r.status = 'queued'
          then excluded.completed_at else r.completed_at end,
        created_at = case
          when excluded.origin is null and excluded.decision_sequence < 0 then r.created_at
          when r.origin is null and r.decision_sequence < 0 then excluded.created_at
          else least(r.created_at, excluded.created_at) end,
        updated_at = greatest(r.updated_at, excluded.updated_at)
      """;

  /// Longer params are not kept, for they would fill the database.
  private static final int LONGEST_PARAMS = 64 * 1024;

  private record Key(String organization, String request, String hash) {}

  /// In the order in which they are written.
  private final Map<Key, Row> rows =
      new TreeMap<>(
          Comparator.comparing(Key::request)
              .thenComparing(Key::organization)
              .thenComparing(Key::hash));

  /// What is known of one request.
  private static final class Row {
    private @Nullable RequestAdmitted admitted;
    private @Nullable Decision decision;
    private @Nullable Ended end;
    private @Nullable Instant came;
    private @Nullable Instant guessed;
    private Instant updated = Instant.MIN;

    void came(Instant at) {
      came = came == null || at.isBefore(came) ? at : came;
      changed(at);
    }

    void changed(Instant at) {
      updated = at.isAfter(updated) ? at : updated;
    }

    Instant created() {
      return Objects.requireNonNull(came != null ? came : guessed, "a row is made of something");
    }
  }

  /// What a request asked first is what it asked.
  void add(RequestAdmitted event) {
    var request = event.request();
    var row = row(request.organizationId(), request.requestId(), request.requestHash().hex());
    if (row.admitted == null) {
      row.admitted = event;
    }
    row.came(event.at());
  }

  /// Takes those decisions that give a request its job.
  void add(Decision decision) {
    if (decision.requestId() == null || decision.requestHash() == null) {
      return;
    }
    switch (decision.decision()) {
      case DISPATCHED, JOINED, HIT -> {
        var row = row(decision.organizationId(), decision.requestId(), hashOf(decision));
        if (row.decision == null || row.decision.sequence() < decision.sequence()) {
          row.decision = decision;
        }
        row.came(decision.at());
      }
      default -> {}
    }
  }

  /// The first end of a request is its end.
  void add(Ended end) {
    var completion = end.completion();
    var row =
        row(completion.organizationId(), completion.requestId(), completion.requestHash().hex());
    if (row.end == null) {
      row.end = end;
      long took = Math.max(0, completion.waitMs() + completion.runMs());
      row.guessed = completion.completedAt().minusMillis(took);
    }
    row.changed(completion.completedAt());
  }

  private Row row(@Nullable String organization, String request, String hash) {
    return rows.computeIfAbsent(new Key(text(organization), request, hash), _ -> new Row());
  }

  void write(Handle handle) {
    if (rows.isEmpty()) {
      return;
    }
    var batch = handle.prepareBatch(UPSERT);
    rows.forEach((key, row) -> {
      batch
          .bind("organization", key.organization())
          .bind("request", key.request())
          .bind("hash", key.hash())
          .bind("created", time(row.created()))
          .bind("updated", time(row.updated));
      var asked = row.admitted == null ? null : row.admitted.request();
      var end = row.end == null ? null : row.end.completion();
      bindWhose(batch, asked, row.decision, end);
      bindAsked(batch, asked);
      bindEnd(batch, end);
      batch
          .bindByType("partition", get(row.end, Ended::partition), Integer.class)
          .bindByType("offset", get(row.end, Ended::offset), Long.class)
          .add();
    });
    var _ = batch.execute();
  }

  /// What more than one kind of record says; the end knows best, and a decision least.
  private static void bindWhose(
      PreparedBatch batch,
      @Nullable Admitted asked,
      @Nullable Decision decision,
      @Nullable Completion end) {
    var job = get(end, Completion::jobId);
    batch
        .bind(
            "type",
            first(
                get(end, Completion::type),
                get(asked, Admitted::type),
                get(decision, PostgresColumns::typeOf)))
        .bind(
            "tier",
            id(
                first(
                    get(end, Completion::tier),
                    get(asked, Admitted::tier),
                    get(decision, Decision::tier))))
        .bind("user", first(get(end, Completion::userId), get(asked, Admitted::userId), null))
        .bind("job", id(job != null ? job : get(decision, Decision::jobId)))
        .bind("sequence", decision == null ? -1 : decision.sequence());
  }

  private static void bindAsked(PreparedBatch batch, @Nullable Admitted asked) {
    var params = get(asked, it -> CanonicalJson.of(it.params()));
    var bytes = get(params, it -> it.getBytes(StandardCharsets.UTF_8).length);
    batch
        .bindArray("tags", String.class, asked == null ? List.of() : asked.tags())
        .bindByType("origin", get(asked, it -> it.origin().toString()), String.class)
        .bind("params", bytes == null || bytes > LONGEST_PARAMS ? null : params)
        .bindByType("paramsBytes", bytes, Integer.class)
        .bindByType("scope", get(asked, it -> it.scope().id()), String.class)
        .bind("workspace", get(asked, Admitted::workspaceId))
        .bindByType("asked", get(asked, it -> json(Asked.of(it))), String.class);
  }

  private static void bindEnd(PreparedBatch batch, @Nullable Completion end) {
    var source = get(end, Completion::source);
    var failure = get(end, Completion::error);
    var result = get(end, Completion::result);
    batch
        .bind("status", end == null ? Status.QUEUED.id() : end.status().id())
        .bind("source", get(source, Source::id))
        .bind("attempts", end == null ? 0 : end.attempts())
        .bindByType("waitMs", get(end, Completion::waitMs), Long.class)
        .bindByType("runMs", get(end, Completion::runMs), Long.class)
        .bindByType("savedMs", get(end, Completion::savedMs), Long.class)
        .bind("error", get(failure, PostgresColumns::json))
        .bind("code", plain(get(failure, Failure::code)))
        .bind("message", plain(get(failure, Failure::message)))
        .bind("result", result == null || result.isNull() ? null : json(result))
        .bind("ref", get(end, Completion::resultRef))
        .bindByType("bytes", get(end, Completion::resultBytes), Long.class)
        .bind("sha256", get(end, Completion::resultSha256))
        .bindByType("completed", get(end, it -> time(it.completedAt())), OffsetDateTime.class);
  }

  private static <T, V> @Nullable V get(@Nullable T of, Function<T, @Nullable V> field) {
    return of == null ? null : field.apply(of);
  }

  private static <T> @Nullable T first(@Nullable T one, @Nullable T other, @Nullable T last) {
    return one != null ? one : other != null ? other : last;
  }
}
