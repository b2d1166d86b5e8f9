package dev.millrace.publisher.sse;

import org.jspecify.annotations.Nullable;

/// A request as its caller names it.
///
/// @param organizationId empty for a caller without one
public record RequestKey(String organizationId, String requestId) {

  public static RequestKey of(@Nullable String organizationId, String requestId) {
    return new RequestKey(organizationId == null ? "" : organizationId, requestId);
  }
}
