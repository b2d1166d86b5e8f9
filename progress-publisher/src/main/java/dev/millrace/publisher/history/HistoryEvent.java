package dev.millrace.publisher.history;

import dev.millrace.contracts.Admitted;
import dev.millrace.contracts.Completion;
import dev.millrace.contracts.Decision;
import dev.millrace.contracts.Progress;
import dev.millrace.contracts.Tier;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// One record that the history has to know of.
public sealed interface HistoryEvent {

  /// A request was let in.
  record RequestAdmitted(Admitted request, Instant at) implements HistoryEvent {}

  /// The ledger decided something.
  record Decided(Decision decision) implements HistoryEvent {}

  /// A run reported, or a job ended.
  record Progressed(Progress progress) implements HistoryEvent {}

  /// A request ended.
  ///
  /// @param partition and `offset`: where the completion stands
  record Ended(Completion completion, int partition, long offset) implements HistoryEvent {}

  /// A request was turned away.
  ///
  /// @param place where it stood, `<topic>-<partition>-<offset>`; the same place counts once
  record Rejected(
      String place,
      @Nullable String organizationId,
      String requestId,
      @Nullable String userId,
      @Nullable String type,
      @Nullable Tier tier,
      @Nullable String code,
      @Nullable String message,
      @Nullable String field,
      Instant at)
      implements HistoryEvent {}
}
