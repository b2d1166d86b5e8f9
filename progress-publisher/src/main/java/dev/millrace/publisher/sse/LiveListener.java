package dev.millrace.publisher.sse;

import dev.millrace.contracts.Alert;
import dev.millrace.contracts.Completion;
import dev.millrace.contracts.Decision;
import dev.millrace.contracts.Progress;
import dev.millrace.contracts.Receipt;
import dev.millrace.contracts.ValueReply;

/// Who hears what [LiveReader] reads, on its one thread. Must not block.
interface LiveListener {

  default void decided(Decision decision) {}

  default void progressed(Progress progress) {}

  /// A request ended.
  ///
  /// @param bytes of the record's value
  default void ended(Completion completion, int partition, long offset, int bytes) {}

  default void alerted(Alert alert) {}

  default void received(Receipt receipt) {}

  default void replied(ValueReply reply) {}
}
