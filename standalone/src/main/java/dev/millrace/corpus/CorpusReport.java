package dev.millrace.corpus;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/// What a run of a corpus found.
///
/// @param passes how often the whole corpus was sent: once in order, then shuffled
/// @param sent inputs over Kafka and HTTP together
/// @param fuzzed inputs made up on top
/// @param lost accepted inputs without a completion, and records neither admitted nor rejected
/// @param doubled inputs with more than one completion or rejection
/// @param good good requests sent in between, each of which has to complete
/// @param audit the verdict on all topics afterwards
/// @param failures the first of them
public record CorpusReport(
    Verdict verdict,
    int files,
    int passes,
    long seed,
    int sent,
    int fuzzed,
    int lost,
    int doubled,
    int good,
    String audit,
    List<Failure> failures) {

  public CorpusReport {
    failures = List.copyOf(failures);
  }

  /// The last word.
  public enum Verdict {
    VALID,
    INVALID
  }

  /// One input that ended otherwise than expected.
  ///
  /// @param via `kafka` or `http`
  public record Failure(
      @JsonProperty("file") String file, String via, int pass, String expected, String got) {}
}
