package dev.millrace.runtime.request;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.contracts.Admitted;
import dev.millrace.contracts.CacheMode;
import dev.millrace.contracts.JobId;
import dev.millrace.contracts.Origin;
import dev.millrace.contracts.Policy;
import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.Scope;
import dev.millrace.contracts.Tier;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A request that was checked, completed with defaults, made canonical and hashed: all that
/// [Admitted] needs but where the record stood.
///
/// @param tier the topic's; it decides
/// @param askedTier the tier the request itself names, which is only information
/// @param requestId null when the caller chose none
/// @param ttlMs null: the type's
/// @param tags the type's derived tags and the request's own, each once, in order
/// @param deadline after which the caller no longer wants an answer; may be past
/// @param email whom to tell when the request ends
/// @param params exactly what was hashed, fields in canonical order; not to be changed
/// @param recipe what was hashed
/// @param given the names of the fields the request had
public record CheckedRequest(
    String type,
    RequestHash requestHash,
    Tier tier,
    @Nullable Tier askedTier,
    @Nullable String requestId,
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
    @Nullable String email,
    @Nullable String traceparent,
    Policy policy,
    ObjectNode params,
    KeyRecipe recipe,
    List<String> given) {

  public CheckedRequest {
    tags = List.copyOf(tags);
    given = List.copyOf(given);
  }

  /// Whether the request names another tier than its topic.
  public boolean tierMismatch() {
    return askedTier != null && askedTier != tier;
  }

  /// The admitted request.
  ///
  /// @param id used when the caller chose none
  /// @param trace the record's own `traceparent`, which comes before the request's
  /// @param answered the job whose answer the HTTP door already gave
  public Admitted admitted(
      String id, Origin origin, @Nullable String trace, @Nullable JobId answered) {
    return new Admitted(
        type,
        requestHash,
        tier,
        requestId == null ? id : requestId,
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
        email == null ? null : new Admitted.Notify(email),
        origin,
        policy,
        trace == null ? traceparent : trace,
        answered,
        null,
        params);
  }
}
