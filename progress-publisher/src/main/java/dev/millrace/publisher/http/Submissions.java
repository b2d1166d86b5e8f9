package dev.millrace.publisher.http;

import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.Tier;
import dev.millrace.publisher.sse.RequestKey;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What this instance produced lately. It answers for a request until the history knows of it.
final class Submissions {

  private static final int MOST = 10_000;

  private final Map<RequestKey, Submission> recent =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<RequestKey, Submission> eldest) {
          return size() > MOST;
        }
      };

  record Submission(RequestKey request, RequestHash hash, String type, Tier tier, Instant at) {}

  synchronized void add(Submission submission) {
    recent.put(submission.request(), submission);
  }

  synchronized Optional<Submission> find(RequestKey request) {
    return Optional.ofNullable(recent.get(request));
  }

  /// @param organizationId null: of any organization
  synchronized List<Submission> find(String requestId, @Nullable String organizationId) {
    if (organizationId != null) {
      return find(new RequestKey(organizationId, requestId)).stream().toList();
    }
    return recent.values().stream()
        .filter(submission -> submission.request().requestId().equals(requestId))
        .toList();
  }
}
