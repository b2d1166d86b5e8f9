package dev.millrace.publisher.history;

import dev.millrace.contracts.Completion;
import dev.millrace.contracts.Status;
import dev.millrace.contracts.Tier;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What the history knows of a request.
///
/// @param status as a caller sees it: of an open request its job's
/// @param requestHash null when it was rejected
/// @param rejection why it was rejected
/// @param completion its end; null while open, and in lists
/// @param completionPartition and `completionOffset`: where the completion stands
/// @param job the job it waits or waited for, as far as known
public record RequestRow(
    long id,
    @Nullable String organizationId,
    String requestId,
    @Nullable String requestHash,
    @Nullable String type,
    @Nullable Tier tier,
    Status status,
    @Nullable String jobId,
    int attempts,
    @Nullable String userId,
    List<String> tags,
    @Nullable String origin,
    @Nullable Rejection rejection,
    @Nullable Completion completion,
    @Nullable Integer completionPartition,
    @Nullable Long completionOffset,
    Instant createdAt,
    Instant updatedAt,
    @Nullable Instant completedAt,
    @Nullable JobRow job) {

  public RequestRow {
    tags = List.copyOf(tags);
  }

  /// Why a request was turned away.
  public record Rejection(
      @Nullable String code, @Nullable String message, @Nullable String field) {}

  public boolean ended() {
    return completedAt != null;
  }

  public Optional<Completion> end() {
    return Optional.ofNullable(completion);
  }

  Cursor cursor() {
    return new Cursor(createdAt, id);
  }
}
