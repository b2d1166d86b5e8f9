package dev.millrace.intake.admission;

import dev.millrace.contracts.ValueCommand;
import dev.millrace.runtime.request.Rejection;
import java.util.SortedMap;

/// What became of a record on the topic of value commands.
public sealed interface ValueVerdict {

  /// It goes on.
  ///
  /// @param parts what each partition concerned is told
  record Admit(SortedMap<Integer, ValueCommand> parts) implements ValueVerdict {}

  /// It goes no further.
  ///
  /// @param commandId the sender's as far as it could be read, else the record's origin
  record Refuse(String commandId, Rejection rejection) implements ValueVerdict {}
}
