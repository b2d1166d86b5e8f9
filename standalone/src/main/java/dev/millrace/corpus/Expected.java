package dev.millrace.corpus;

import java.util.Arrays;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What must become of one input.
///
/// @param code the rejection or failure code, null where any will do
/// @param status for [Outcome#STATUS]: a status such as `404`, or a class such as `4xx`
record Expected(Outcome outcome, @Nullable String code, @Nullable String status) {

  private static final Pattern STATUS = Pattern.compile("[1-5](\\d\\d|xx)");

  /// The ways an input ends, as `expected.tsv` spells them.
  enum Outcome {
    /// Accepted: admitted and completed; over HTTP 2xx.
    A,
    /// Rejected with a code; over HTTP a 4xx problem with the same code.
    R,
    /// Accepted on topics, 409 over HTTP.
    C,
    /// Accepted, and ends as a dead letter.
    D,
    /// Never reaches us: the client or the broker refuses it; over HTTP a 4xx.
    X,
    /// An HTTP status; such an input is sent over HTTP only.
    STATUS
  }

  /// Reads the two words of a line.
  ///
  /// @throws IllegalArgumentException when the first is no outcome
  static Expected of(String outcome, String code) {
    var wanted = code.isEmpty() || code.equals("-") ? null : code;
    if (STATUS.matcher(outcome).matches()) {
      return new Expected(Outcome.STATUS, wanted, outcome);
    }
    return Arrays.stream(Outcome.values())
        .filter(each -> each != Outcome.STATUS && each.name().equals(outcome))
        .findFirst()
        .map(each -> new Expected(each, wanted, null))
        .orElseThrow(() ->
            new IllegalArgumentException(
                "expected one of A, R, C, D, X or a status such as 4xx, got '" + outcome + "'"));
  }

  /// Whether a rejection, failure or problem with this code is the one that was expected.
  boolean fits(@Nullable String actual) {
    return code == null || code.equals(actual);
  }

  boolean fitsStatus(int actual) {
    return status != null
        && (status.endsWith("xx")
            ? status.charAt(0) - '0' == actual / 100
            : status.equals(Integer.toString(actual)));
  }

  @Override
  public String toString() {
    var word = status == null ? outcome.name() : status;
    return code == null ? word : word + " " + code;
  }
}
