package dev.millrace.intake.admission;

import dev.millrace.contracts.Command;
import dev.millrace.runtime.request.Rejection;

/// What became of a record on the command topic.
public sealed interface CommandReading {

  /// It goes to every ledger partition.
  record Accepted(String commandId, Command command) implements CommandReading {}

  /// It goes no further.
  ///
  /// @param commandId the sender's as far as it could be read, else the record's origin
  record Refused(String commandId, Rejection rejection) implements CommandReading {}
}
