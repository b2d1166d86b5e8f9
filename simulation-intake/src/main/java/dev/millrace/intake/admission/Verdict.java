package dev.millrace.intake.admission;

import dev.millrace.contracts.Admitted;
import dev.millrace.runtime.request.Rejection;

/// What became of a record on a request topic.
public sealed interface Verdict {

  /// It goes on to the ledger.
  ///
  /// @param tierMismatch whether it names another tier than its topic's, which decides
  record Admit(Admitted admitted, boolean tierMismatch) implements Verdict {}

  /// It goes no further.
  record Refuse(Rejection rejection) implements Verdict {}
}
