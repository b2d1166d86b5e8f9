package dev.millrace.publisher.history;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.millrace.contracts.Decision;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.Scope;
import java.io.UncheckedIOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What requests asked, and what was decided about them.
public final class PostgresQuestions {

  private static final String COLUMNS =
      """
      r.request_hash, r.type, r.organization_id, r.request_id, r.workspace_id, r.user_id, r.scope,
      r.params, r.params_bytes, r.tags, r.asked, r.created_at
      """;

  private static final String FIND =
      """
      select %s from requests r
      where r.organization_id = :organization and r.request_id = :request
        and r.request_hash = :hash and r.scope is not null
      """
          .formatted(COLUMNS);

  /* A private question is its user's alone, one of a workspace the workspace's. */
  private static final String EARLIER =
      """
      select %s from requests r
      where r.organization_id = :organization and r.type = :type and r.request_hash <> :hash
        and r.created_at <= :before and r.params is not null
        and (r.scope in ('global', 'organization')
          or r.scope = 'workspace' and r.workspace_id = :workspace
          or r.scope = 'private' and r.user_id = :user)
      order by r.created_at desc, r.id desc
      limit :limit
      """
          .formatted(COLUMNS);

  private static final String DECISIONS =
      """
      select d.decision from decisions d
      where d.request_hash = :hash
        and (d.organization_id = :organization and d.request_id = :request
          or d.job_id = :job and (d.request_id is null or d.kind in ('DISPATCHED', 'PROMOTED')))
      order by d.sequence
      limit :limit
      """;

  private static final String BEFORE =
      """
      select d.decision from decisions d
      where d.request_hash = :hash and d.sequence < :sequence
      order by d.sequence desc
      limit 1
      """;

  private static final String COUNTED =
      """
      r.params is not null and r.scope is not null and r.status = :status
        and (cast(:type as text) is null or r.type = :type)
        and (cast(:organization as text) is null or r.organization_id = :organization)
        and (cast(:from as timestamptz) is null or r.created_at >= cast(:from as timestamptz))
        and (cast(:to as timestamptz) is null or r.created_at < cast(:to as timestamptz))
      """;

  /* Counting looks at all of them and keeps two numbers for each question. What was asked is read
  of those that are left: one request stands for all, the last one, found by its time. */
  private static final String MOST_ASKED =
      """
      with popular as (
        select r.request_hash, count(*) as times, max(r.created_at) as latest
        from requests r
        where %s
        group by r.request_hash
        order by times desc, latest desc, r.request_hash
        limit :limit)
      select %s from popular cross join lateral (
        select * from requests r
        where r.request_hash = popular.request_hash and r.created_at = popular.latest and %s
        order by r.id desc
        limit 1) r
      order by popular.times desc, popular.latest desc, popular.request_hash
      """
          .formatted(COUNTED, COLUMNS, COUNTED);

  private static final int MOST_DECISIONS = 200;

  private final PostgresDatabase database;

  public PostgresQuestions(PostgresDatabase database) {
    this.database = database;
  }

  /// What a request asked. Empty when the history has not read it, or only its end.
  ///
  /// @param organizationId empty for a caller without one
  public Optional<QuestionRow> find(String organizationId, String requestId, String hash) {
    return database.read(handle ->
        handle
            .createQuery(FIND)
            .bind("organization", organizationId)
            .bind("request", requestId)
            .bind("hash", hash)
            .map((row, _) -> question(row))
            .findFirst());
  }

  /// Other questions of the same type that the same caller may see, the newest first.
  public List<QuestionRow> earlier(QuestionRow than, int limit) {
    return database.read(handle ->
        handle
            .createQuery(EARLIER)
            .bind("organization", than.organizationId() == null ? "" : than.organizationId())
            .bind("type", than.type())
            .bind("hash", than.hash().hex())
            .bind("before", than.askedAt().atOffset(ZoneOffset.UTC))
            .bind("workspace", than.workspaceId())
            .bind("user", than.userId())
            .bind("limit", limit)
            .map((row, _) -> question(row))
            .list());
  }

  /// The questions asked most often, the most asked first. Those with params too long to be kept
  /// are left out.
  ///
  /// @param among status, type, organization and times; the rest is not looked at
  public List<QuestionRow> mostAsked(HistoryFilter among, int limit) {
    return database.read(handle ->
        handle
            .createQuery(MOST_ASKED)
            .bind("status", among.status() == null ? "completed" : among.status().id())
            .bind("type", among.type())
            .bind("organization", among.organizationId())
            .bind("from", offset(among.from()))
            .bind("to", offset(among.to()))
            .bind("limit", limit)
            .map((row, _) -> question(row))
            .list());
  }

  private static @Nullable OffsetDateTime offset(@Nullable Instant time) {
    return time == null ? null : time.atOffset(ZoneOffset.UTC);
  }

  /// What was decided about a request and the job that answered it, in order.
  public List<Decision> decisions(
      String organizationId, String requestId, String hash, @Nullable String jobId) {
    return database.read(handle ->
        handle
            .createQuery(DECISIONS)
            .bind("hash", hash)
            .bind("organization", organizationId)
            .bind("request", requestId)
            .bind("job", jobId)
            .bind("limit", MOST_DECISIONS)
            .map((row, _) -> json(row.getString("decision"), Decision.class))
            .list());
  }

  /// What was last decided about the same question before.
  public Optional<Decision> before(Decision decision) {
    var hash = decision.requestHash();
    return database.read(handle ->
        handle
            .createQuery(BEFORE)
            .bind("hash", hash == null ? "" : hash.hex())
            .bind("sequence", decision.sequence())
            .map((row, _) -> json(row.getString("decision"), Decision.class))
            .findFirst());
  }

  private static QuestionRow question(ResultSet row) throws SQLException {
    var organization = row.getString("organization_id");
    return new QuestionRow(
        RequestHash.of(row.getString("request_hash")),
        row.getString("type"),
        organization.isEmpty() ? null : organization,
        row.getString("request_id"),
        row.getString("workspace_id"),
        row.getString("user_id"),
        Scope.of(row.getString("scope")),
        row.getString("params"),
        row.getInt("params_bytes"),
        List.of((String[]) row.getArray("tags").getArray()),
        json(row.getString("asked"), Asked.class),
        row.getObject("created_at", OffsetDateTime.class).toInstant());
  }

  private static <T> T json(String text, Class<T> type) {
    try {
      return Json.MAPPER.readValue(text, type);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException("the history holds JSON that is none", e);
    }
  }
}
