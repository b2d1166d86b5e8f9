package dev.millrace.contracts;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the type of a request says about running and keeping its answer, resolved at intake, so
/// that nobody behind it needs the type definition.
///
/// @param ttlMs how long an answer is good, from its completion; null: no expiry
/// @param negativeTtlMs how long a permanent failure is remembered, ms; 0: not at all
/// @param maxAttempts attempts of a job when no waiter asks for more
/// @param backoffMs wait before attempt 2, 3, …; the last one repeats
/// @param runLimitMs the longest a run may take
/// @param effect whether a run changes the world outside: it then waits for a grant
/// @param costScore how dear the answer is to compute, 0–100
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Policy(
    @Nullable Long ttlMs,
    long negativeTtlMs,
    int maxAttempts,
    List<Long> backoffMs,
    long runLimitMs,
    boolean effect,
    int costScore) {

  public Policy {
    backoffMs = List.copyOf(backoffMs);
  }
}
