package dev.millrace.contracts;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A request that intake has checked, completed with defaults, made canonical and hashed.
///
/// @param notice whom to tell, `notify` in JSON
/// @param origin where the request stood; the same origin again is a replay
/// @param organizationId null for a caller without one
/// @param ttlMs the oldest answer this request accepts, and how long it wants its own kept; null:
///   the type's
/// @param maxStaleMs how far past its time an answer may be, for `stale-ok`
/// @param tags what the answer depends on: the type's derived tags and the request's own
/// @param timeoutMs after which this waiter gets `expired`; null: it waits
/// @param deadline the same as a point in time; the earlier of the two counts
/// @param maxAttempts null: the type's
/// @param params exactly what was hashed, and exactly what the handler gets
/// @param answered the job whose answer the HTTP door already gave
/// @param replayOf the dead job this one computes again
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Admitted(
    String type,
    RequestHash requestHash,
    Tier tier,
    String requestId,
    @Nullable String organizationId,
    @Nullable String userId,
    @Nullable String workspaceId,
    Scope scope,
    CacheMode mode,
    @Nullable Long ttlMs,
    @Nullable Long maxStaleMs,
    List<String> tags,
    @Nullable Long timeoutMs,
    @Nullable Instant deadline,
    @Nullable Integer maxAttempts,
    @JsonProperty("notify") @Nullable Notify notice,
    Origin origin,
    Policy policy,
    @Nullable String traceparent,
    @Nullable JobId answered,
    @Nullable JobId replayOf,
    ObjectNode params) {

  public Admitted {
    tags = List.copyOf(tags);
  }

  /// The same request, standing elsewhere.
  public Admitted withOrigin(Origin place) {
    return new Admitted(
        type,
        requestHash,
        tier,
        requestId,
        organizationId,
        userId,
        workspaceId,
        scope,
        mode,
        ttlMs,
        maxStaleMs,
        tags,
        timeoutMs,
        deadline,
        maxAttempts,
        notice,
        place,
        policy,
        traceparent,
        answered,
        replayOf,
        params);
  }

  /// Whom to tell by mail when the request ends.
  public record Notify(String email) {}
}
