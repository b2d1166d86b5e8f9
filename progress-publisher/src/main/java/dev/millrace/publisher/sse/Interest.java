package dev.millrace.publisher.sse;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a listener wants to hear: of these requests, or of all requests of an organization, or,
/// with neither, of everything.
///
/// @param requestIds empty: all
/// @param organizationId null: any
public record Interest(Set<String> requestIds, @Nullable String organizationId) {

  public Interest {
    requestIds = Set.copyOf(requestIds);
  }

  boolean covers(RequestKey request) {
    return (requestIds.isEmpty() || requestIds.contains(request.requestId()))
        && (organizationId == null || organizationId.equals(request.organizationId()));
  }
}
