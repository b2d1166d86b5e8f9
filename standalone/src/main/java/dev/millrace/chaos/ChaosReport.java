package dev.millrace.chaos;

import java.util.List;

/// What a run under faults came to.
///
/// @param kinds different kinds of faults among `faults`
/// @param requests records produced onto request topics that the broker acknowledged
/// @param outcomes completions by status, for people
/// @param lost acknowledged requests without a completion after everything was healed
/// @param doubled requests with two completions that are no repeats
/// @param unknown sends whose fate the client does not know; they may count or not
/// @param restarts processes that ended though nobody killed them
/// @param audit what the audit of the topics found: one word, and what is broken or missing
/// @param injected the faults in order
public record ChaosReport(
    Verdict verdict,
    long seed,
    int faults,
    int kinds,
    int requests,
    int lost,
    int doubled,
    int unknown,
    int restarts,
    List<Outcome> outcomes,
    String audit,
    List<Injected> injected) {

  public ChaosReport {
    outcomes = List.copyOf(outcomes);
    injected = List.copyOf(injected);
  }

  /// The last word.
  public enum Verdict {
    VALID,
    INVALID,
    UNKNOWN
  }

  /// How many requests ended one way.
  public record Outcome(String status, int count) {}

  /// One fault.
  ///
  /// @param atMs since the load began
  public record Injected(long atMs, String kind, String victim) {}
}
