package dev.millrace.audit;

import java.util.List;

/// What an audit found.
///
/// @param requests records on the request topics
public record Report(Verdict verdict, long requests, List<Judged> invariants) {

  public Report {
    invariants = List.copyOf(invariants);
  }

  /// How an invariant stands.
  public enum Verdict {
    /// It was put to the test and held.
    VALID,
    /// It was broken.
    INVALID,
    /// Something is missing to say so.
    UNKNOWN
  }

  /// One invariant.
  ///
  /// @param checked how often it was put to the test
  /// @param broken how often it did not hold
  /// @param examples the first ten that broke it
  /// @param missing what keeps it from being judged
  public record Judged(
      String id,
      String name,
      Verdict verdict,
      long checked,
      long broken,
      List<Example> examples,
      List<String> missing) {

    public Judged {
      examples = List.copyOf(examples);
      missing = List.copyOf(missing);
    }
  }

  /// One record that broke an invariant.
  ///
  /// @param at `<topic>-<partition>-<offset>`
  public record Example(String at, String what) {}

  static Report of(long requests, List<Judged> invariants) {
    return new Report(worst(invariants), requests, invariants);
  }

  private static Verdict worst(List<Judged> invariants) {
    if (invariants.stream().anyMatch(judged -> judged.verdict() == Verdict.INVALID)) {
      return Verdict.INVALID;
    }
    return invariants.stream().anyMatch(judged -> judged.verdict() == Verdict.UNKNOWN)
        ? Verdict.UNKNOWN
        : Verdict.VALID;
  }
}
