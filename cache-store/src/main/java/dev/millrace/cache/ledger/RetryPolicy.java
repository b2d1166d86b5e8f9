package dev.millrace.cache.ledger;

import dev.millrace.contracts.Policy;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How long a job waits after a failed attempt.
final class RetryPolicy {

  private static final Duration LONGEST = Duration.ofHours(1);

  private RetryPolicy() {}

  /// The wait after attempt number `attempt` (from 1): what the handler asked for, else the type's
  /// backoff for it, the last one repeating. At most an hour.
  static Duration wait(Policy policy, int attempt, @Nullable Long retryAfterMs) {
    Duration wait;
    if (retryAfterMs != null) {
      wait = Duration.ofMillis(Math.max(0, retryAfterMs));
    } else if (policy.backoffMs().isEmpty()) {
      wait = Duration.ZERO;
    } else {
      int index = Math.min(attempt, policy.backoffMs().size()) - 1;
      wait = Duration.ofMillis(policy.backoffMs().get(Math.max(0, index)));
    }
    return wait.compareTo(LONGEST) > 0 ? LONGEST : wait;
  }
}
