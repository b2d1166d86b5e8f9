package dev.millrace.publisher.history;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.millrace.contracts.Admitted;
import dev.millrace.contracts.CacheMode;
import dev.millrace.contracts.JobId;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How a request was asked, beside what is hashed.
///
/// @param ttlMs the oldest answer it takes; null: any its type allows
/// @param typeTtlMs the oldest answer its type gives; null: for ever
/// @param given the fields it had, as far as admission shows
/// @param answered the job whose answer the door gave
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Asked(
    CacheMode mode,
    @Nullable Long ttlMs,
    @Nullable Long typeTtlMs,
    @Nullable Long maxStaleMs,
    List<String> given,
    @Nullable JobId answered) {

  public Asked {
    given = List.copyOf(given);
  }

  static Asked of(Admitted request) {
    return new Asked(
        request.mode(),
        request.ttlMs(),
        request.policy().oldestMs(),
        request.maxStaleMs(),
        given(request),
        request.answered());
  }

  private static List<String> given(Admitted request) {
    var given = new ArrayList<>(List.of("type", "params", "requestId", "tier"));
    add(given, "organizationId", request.organizationId() != null);
    add(given, "workspaceId", request.workspaceId() != null);
    add(given, "userId", request.userId() != null);
    add(given, "cache", hasCache(request));
    add(given, "timeoutMs", request.timeoutMs() != null);
    add(given, "deadline", request.deadline() != null);
    add(given, "maxAttempts", request.maxAttempts() != null);
    add(given, "notify", request.notice() != null);
    add(given, "traceparent", request.traceparent() != null);
    return given;
  }

  private static boolean hasCache(Admitted request) {
    return request.mode() != CacheMode.DEFAULT
        || request.ttlMs() != null
        || request.maxStaleMs() != null;
  }

  private static void add(List<String> given, String field, boolean isGiven) {
    if (isGiven) {
      given.add(field);
    }
  }
}
