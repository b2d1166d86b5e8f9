package dev.millrace.contracts;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// One dispatch of a computation, as it waits in a lane, a retry topic or the dead letters. A hint:
/// the ledger's epoch and run decide whether it still counts.
///
/// @param epoch the fencing number of this dispatch
/// @param attempt from 1
/// @param partition of the hash; outcomes go to the same partition
/// @param runLimitMs the longest the run may take
/// @param effect whether the run waits for a grant
/// @param notBefore on retry topics: when it may run again
/// @param background true when nobody waits: it came over `jobs.background`, and gives its slot up
///   as soon as another lane has use for it
/// @param params exactly what was hashed
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Job(
    Status status,
    JobId jobId,
    String type,
    Tier tier,
    long epoch,
    int attempt,
    int maxAttempts,
    RequestHash requestHash,
    int partition,
    long runLimitMs,
    boolean effect,
    @Nullable Boolean background,
    Instant at,
    @Nullable Instant notBefore,
    @Nullable String traceparent,
    ObjectNode params) {

  /// The lane it waits in: a tier's, or `background`.
  public String lane() {
    return Boolean.TRUE.equals(background) ? "background" : tier.id();
  }
}
