package dev.millrace.publisher.history;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.contracts.Completion;
import dev.millrace.contracts.Failure;
import dev.millrace.contracts.JobId;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.Source;
import dev.millrace.contracts.Status;
import dev.millrace.contracts.Tier;
import java.io.UncheckedIOException;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Answers questions about the history.
///
/// @see PostgresHistoryWriter
public final class PostgresHistory {

  private static final String COLUMNS =
      """
      r.id, r.organization_id, r.request_id, r.request_hash, r.type, r.tier, r.status, r.source,
      r.job_id, r.attempts, r.wait_ms, r.run_ms, r.saved_ms, r.error, r.user_id, r.tags, r.origin,
      r.error_code, r.error_message, r.error_field, r.result_ref, r.result_bytes, r.result_sha256,
      r.completion_partition, r.completion_offset, r.created_at, r.updated_at, r.completed_at,
      j.status as job_status, j.progress, j.type as job_type, j.tier as job_tier, j.attempt,
      j.retry_count, j.epoch, j.run_id, j.processed_items, j.total_items, j.message, j.eta_ms,
      j.request_hash as job_hash, j.queued_at, j.waiting_since, j.not_before, j.started_at,
      j.ended_at, j.updated_at as job_updated_at
      """;

  private static final String FROM =
      """
      from requests r left join jobs j on j.job_id = r.job_id
      """;

  private static final String FIND =
      """
      select r.result, %s %s
      where r.request_id = :request
        and (cast(:organization as text) is null or r.organization_id = :organization)
      order by r.created_at desc, r.id desc
      limit 20
      """
          .formatted(COLUMNS, FROM);

  private static final String OTHER_HASH =
      """
      select r.request_hash from requests r
      where r.organization_id = :organization and r.request_id = :request
        and r.status <> 'rejected' and r.request_hash <> :hash
      limit 1
      """;

  private static final String JOB =
      """
      select j.job_id, j.status as job_status, j.progress, j.type as job_type, j.tier as job_tier,
        j.attempt, j.retry_count, j.epoch, j.run_id, j.processed_items, j.total_items, j.message,
        j.eta_ms, j.request_hash as job_hash, j.queued_at, j.waiting_since, j.not_before,
        j.started_at, j.ended_at, j.updated_at as job_updated_at
      from jobs j where j.job_id = :job
      """;

  private static final String LANES =
      """
      select j.tier,
        count(*) filter (where j.status = 'queued') as queued,
        count(*) filter (where j.status = 'processing') as running,
        count(*) filter (where j.status = 'retrying') as retrying,
        min(j.waiting_since) filter (where j.status = 'queued') as oldest
      from jobs j
      where j.ended_at is null and j.tier is not null
      group by j.tier
      """;

  private static final String LIST =
      "select null as result, %s %s where true".formatted(COLUMNS, FROM);

  /* The conditions of a list; those that apply are appended as they stand here. */
  private static final String OF_END = " and r.status = :status";
  private static final String OF_OPEN =
      """
       and r.status = 'queued' and :status =
        case when j.status in ('processing', 'retrying') then j.status
          when j.ended_at is not null then 'processing' else 'queued' end
      """;
  private static final String OF_TYPE = " and r.type = :type";
  private static final String OF_TIER = " and r.tier = :tier";
  private static final String OF_ORGANIZATION = " and r.organization_id = :organization";
  private static final String WITH_TAG = " and r.tags @> array[cast(:tag as text)]";
  private static final String SINCE = " and r.created_at >= :from";
  private static final String UNTIL = " and r.created_at < :to";
  private static final String WITH_TEXT =
      """
       and (r.request_id ilike :text or r.job_id ilike :text or r.request_hash like :text
        or r.organization_id ilike :text or r.user_id ilike :text or r.error_message ilike :text
        or r.error_code ilike :text or array_to_string(r.tags, ' ') ilike :text)
      """;
  private static final String BEFORE = " and (r.created_at, r.id) < (:at, :id)";
  private static final String AFTER = " and (r.created_at, r.id) > (:at, :id)";
  private static final String NEWEST = " order by r.created_at desc, r.id desc limit :limit";
  private static final String OLDEST = " order by r.created_at, r.id limit :limit";

  private final PostgresDatabase database;

  public PostgresHistory(PostgresDatabase database) {
    this.database = database;
  }

  /// The requests of this id, the newest first; more than one when organizations chose the same id
  /// or one asked for different things under it.
  ///
  /// @param organizationId null: of any organization; empty: of callers without one
  public List<RequestRow> find(String requestId, @Nullable String organizationId) {
    return database.read(handle ->
        handle
            .createQuery(FIND)
            .bind("request", requestId)
            .bind("organization", organizationId)
            .map((row, _) -> request(row))
            .list());
  }

  /// Whether this (organization, request id) was used for something else.
  public boolean conflicts(@Nullable String organizationId, String requestId, RequestHash hash) {
    return database.read(handle ->
        handle
            .createQuery(OTHER_HASH)
            .bind("organization", organizationId == null ? "" : organizationId)
            .bind("request", requestId)
            .bind("hash", hash.hex())
            .mapTo(String.class)
            .findFirst()
            .isPresent());
  }

  public Optional<JobRow> job(String jobId) {
    return database.read(
        handle -> handle.createQuery(JOB).bind("job", jobId).map((row, _) -> job(row)).findFirst());
  }

  /// Every lane, also an empty one.
  public List<LaneRow> lanes() {
    var known = new EnumMap<Tier, LaneRow>(Tier.class);
    database
        .read(handle -> handle.createQuery(LANES).map((row, _) -> lane(row)).list())
        .forEach(lane -> known.put(lane.tier(), lane));
    var lanes = new ArrayList<LaneRow>();
    for (var tier : Tier.values()) {
      lanes.add(known.getOrDefault(tier, new LaneRow(tier, 0, 0, 0, null)));
    }
    return lanes;
  }

  /// One page of the requests that match, after `cursor` or from the start.
  public Page list(HistoryFilter filter, @Nullable Cursor cursor, int limit) {
    var sql = new StringBuilder(LIST);
    var values = new HashMap<String, Object>();
    conditions(filter, sql, values);
    if (cursor != null) {
      sql.append(filter.oldestFirst() ? AFTER : BEFORE);
      values.put("at", cursor.createdAt().atOffset(ZoneOffset.UTC));
      values.put("id", cursor.id());
    }
    sql.append(filter.oldestFirst() ? OLDEST : NEWEST);
    values.put("limit", limit + 1);
    List<RequestRow> rows =
        database.read(handle ->
            handle
                .createQuery(sql.toString())
                .bindMap(values)
                .map((row, _) -> request(row))
                .list());
    return rows.size() <= limit
        ? new Page(rows, null)
        : new Page(rows.subList(0, limit), rows.get(limit - 1).cursor());
  }

  private static void conditions(
      HistoryFilter filter, StringBuilder sql, Map<String, Object> values) {
    var status = filter.status();
    if (status != null) {
      boolean open =
          status == Status.QUEUED || status == Status.PROCESSING || status == Status.RETRYING;
      sql.append(open ? OF_OPEN : OF_END);
      values.put("status", status.id());
    }
    if (filter.tier() != null) {
      sql.append(OF_TIER);
      values.put("tier", filter.tier().id());
    }
    var text = filter.text() == null ? null : "%" + escaped(filter.text()) + "%";
    condition(OF_TYPE, "type", filter.type(), sql, values);
    condition(OF_ORGANIZATION, "organization", filter.organizationId(), sql, values);
    condition(WITH_TAG, "tag", filter.tag(), sql, values);
    condition(WITH_TEXT, "text", text, sql, values);
    condition(SINCE, "from", offset(filter.from()), sql, values);
    condition(UNTIL, "to", offset(filter.to()), sql, values);
  }

  private static void condition(
      String condition,
      String name,
      @Nullable Object value,
      StringBuilder sql,
      Map<String, Object> values) {
    if (value != null) {
      sql.append(condition);
      values.put(name, value);
    }
  }

  /// `text` with nothing in it that `like` understands.
  private static String escaped(String text) {
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_");
  }

  private static LaneRow lane(ResultSet row) throws SQLException {
    return new LaneRow(
        Tier.of(row.getString("tier")),
        row.getLong("queued"),
        row.getLong("running"),
        row.getLong("retrying"),
        time(row, "oldest"));
  }

  private static RequestRow request(ResultSet row) throws SQLException {
    var status = Status.of(row.getString("status"));
    var jobId = row.getString("job_id");
    JobRow job = jobId == null || row.getString("job_status") == null ? null : job(row);
    boolean rejected = status == Status.REJECTED;
    boolean open = status == Status.QUEUED;
    var organization = row.getString("organization_id");
    var completedAt = time(row, "completed_at");
    return new RequestRow(
        row.getLong("id"),
        organization.isEmpty() ? null : organization,
        row.getString("request_id"),
        rejected ? null : row.getString("request_hash"),
        row.getString("type"),
        tier(row.getString("tier")),
        open ? openStatus(job) : status,
        jobId,
        open && job != null && job.startedAt() != null ? job.attempt() : row.getInt("attempts"),
        row.getString("user_id"),
        strings(row.getArray("tags")),
        row.getString("origin"),
        rejected
            ? new RequestRow.Rejection(
                row.getString("error_code"),
                row.getString("error_message"),
                row.getString("error_field"))
            : null,
        rejected || completedAt == null ? null : completion(row, status, completedAt),
        number(row, "completion_partition") == null ? null : row.getInt("completion_partition"),
        number(row, "completion_offset"),
        present(time(row, "created_at")),
        present(time(row, "updated_at")),
        completedAt,
        job);
  }

  /// A job can have ended a moment before the completions of its waiters are seen.
  private static Status openStatus(@Nullable JobRow job) {
    if (job == null) {
      return Status.QUEUED;
    }
    return job.ended() ? Status.PROCESSING : job.status();
  }

  private static Completion completion(ResultSet row, Status status, Instant completedAt)
      throws SQLException {
    var source = row.getString("source");
    var organization = row.getString("organization_id");
    var job = row.getString("job_id");
    return new Completion(
        status,
        source == null ? null : Source.of(source),
        row.getString("request_id"),
        organization.isEmpty() ? null : organization,
        row.getString("user_id"),
        job == null ? null : JobId.of(job),
        RequestHash.of(row.getString("request_hash")),
        row.getString("type"),
        Tier.of(row.getString("tier")),
        row.getInt("attempts"),
        row.getLong("wait_ms"),
        row.getLong("run_ms"),
        row.getLong("saved_ms"),
        json(row.getString("result"), JsonNode.class),
        row.getString("result_ref"),
        number(row, "result_bytes"),
        row.getString("result_sha256"),
        json(row.getString("error"), Failure.class),
        false,
        completedAt);
  }

  private static JobRow job(ResultSet row) throws SQLException {
    return new JobRow(
        row.getString("job_id"),
        Status.of(row.getString("job_status")),
        row.getInt("progress"),
        row.getString("job_type"),
        tier(row.getString("job_tier")),
        row.getInt("attempt"),
        row.getInt("retry_count"),
        number(row, "epoch"),
        row.getString("run_id"),
        number(row, "processed_items"),
        number(row, "total_items"),
        row.getString("message"),
        number(row, "eta_ms"),
        row.getString("job_hash"),
        time(row, "queued_at"),
        time(row, "waiting_since"),
        time(row, "not_before"),
        time(row, "started_at"),
        time(row, "ended_at"),
        present(time(row, "job_updated_at")));
  }

  private static @Nullable Tier tier(@Nullable String id) {
    return id == null ? null : Tier.of(id);
  }

  private static @Nullable Long number(ResultSet row, String column) throws SQLException {
    long value = row.getLong(column);
    return row.wasNull() ? null : value;
  }

  private static @Nullable Instant time(ResultSet row, String column) throws SQLException {
    var time = row.getObject(column, OffsetDateTime.class);
    return time == null ? null : time.toInstant();
  }

  private static Instant present(@Nullable Instant time) {
    if (time == null) {
      throw new IllegalStateException("a column that is never null was null");
    }
    return time;
  }

  private static @Nullable OffsetDateTime offset(@Nullable Instant time) {
    return time == null ? null : time.atOffset(ZoneOffset.UTC);
  }

  private static List<String> strings(Array array) throws SQLException {
    return List.of((String[]) array.getArray());
  }

  private static <T> @Nullable T json(@Nullable String text, Class<T> type) {
    if (text == null) {
      return null;
    }
    try {
      return Json.MAPPER.readValue(text, type);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException("the history holds JSON that is none", e);
    }
  }
}
