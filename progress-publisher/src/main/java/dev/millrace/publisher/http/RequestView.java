package dev.millrace.publisher.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.contracts.Completion;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.Status;
import dev.millrace.contracts.Tier;
import dev.millrace.publisher.history.JobRow;
import dev.millrace.publisher.history.RequestRow;
import dev.millrace.publisher.http.Submissions.Submission;
import dev.millrace.publisher.sse.RequestKey;
import dev.millrace.publisher.sse.Snapshot;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A request as a caller sees it.
record RequestView(
    RequestKey key,
    Status status,
    @Nullable String type,
    @Nullable Tier tier,
    @Nullable String jobId,
    int attempts,
    @Nullable String requestHash,
    @Nullable String userId,
    List<String> tags,
    @Nullable Instant createdAt,
    RequestRow.@Nullable Rejection rejection,
    @Nullable Completion completion,
    @Nullable Integer partition,
    @Nullable Long offset,
    @Nullable JobRow job) {

  static RequestView of(RequestRow row) {
    return new RequestView(
        RequestKey.of(row.organizationId(), row.requestId()),
        row.status(),
        row.type(),
        row.tier(),
        row.jobId(),
        row.attempts(),
        row.requestHash(),
        row.userId(),
        row.tags(),
        row.createdAt(),
        row.rejection(),
        row.completion(),
        row.completionPartition(),
        row.completionOffset(),
        row.job());
  }

  static RequestView of(Submission submission) {
    return new RequestView(
        submission.request(),
        Status.QUEUED,
        submission.type(),
        submission.tier(),
        null,
        0,
        submission.hash().hex(),
        null,
        List.of(),
        submission.at(),
        null,
        null,
        null,
        null,
        null);
  }

  /// This request, ended.
  RequestView ended(Completion end, @Nullable Integer inPartition, @Nullable Long atOffset) {
    var endedJob = end.jobId();
    return new RequestView(
        key,
        end.status(),
        end.type(),
        end.tier(),
        endedJob == null ? jobId : endedJob.value(),
        end.attempts(),
        end.requestHash().hex(),
        end.userId() == null ? userId : end.userId(),
        tags,
        createdAt,
        null,
        end,
        inPartition,
        atOffset,
        job);
  }

  /// This request, its job known better.
  RequestView of(String betterJobId, @Nullable JobRow betterJob) {
    return new RequestView(
        key,
        betterJob == null || betterJob.ended() ? status : betterJob.status(),
        type,
        tier,
        betterJobId,
        betterJob != null && betterJob.startedAt() != null ? betterJob.attempt() : attempts,
        requestHash,
        userId,
        tags,
        createdAt,
        rejection,
        completion,
        partition,
        offset,
        betterJob);
  }

  boolean open() {
    return status == Status.QUEUED || status == Status.PROCESSING || status == Status.RETRYING;
  }

  Snapshot snapshot() {
    Object data = completion == null ? json(true) : completion;
    return new Snapshot(key, status, jobId, data, partition, offset);
  }

  /// @param whole with the result, else as in lists
  ObjectNode json(boolean whole) {
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.put("status", status.id());
    json.put("progress", progress());
    json.put("requestId", key.requestId());
    json.put("organizationId", key.organizationId().isEmpty() ? null : key.organizationId());
    json.put("userId", userId);
    json.put("type", type);
    json.put("tier", tier == null ? null : tier.id());
    json.put("jobId", jobId);
    json.put("attempts", attempts);
    json.put("requestHash", requestHash);
    json.set("tags", Json.MAPPER.valueToTree(tags));
    json.put("createdAt", createdAt == null ? null : Json.time(createdAt));
    json.put("completedAt", completion == null ? null : Json.time(completion.completedAt()));
    if (rejection != null) {
      json.set("rejection", Json.MAPPER.valueToTree(rejection));
    }
    json.set("queueMetadata", queueMetadata());
    json.set("job", Json.MAPPER.valueToTree(job));
    ObjectNode end = completion == null ? null : Json.MAPPER.valueToTree(completion);
    if (end != null && !whole) {
      var _ = end.remove("result");
    }
    json.set("completion", end);
    return json;
  }

  private int progress() {
    if (status == Status.COMPLETED) {
      return 100;
    }
    return job == null ? 0 : job.progress();
  }

  private @Nullable ObjectNode queueMetadata() {
    if (job == null) {
      return null;
    }
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.put("priority", priority(job.tier()));
    json.put("subscriptionTier", tier == null ? null : tier.id());
    json.put("queuedAt", time(job.queuedAt()));
    json.put("startedAt", time(job.startedAt()));
    json.put("retryCount", job.retryCount());
    return json;
  }

  /// Higher is served more; null when the lane is not known.
  private static @Nullable Integer priority(@Nullable Tier lane) {
    return switch (lane) {
      case null -> null;
      case FREE -> 0;
      case PRO -> 1;
      case ENTERPRISE -> 2;
    };
  }

  private static @Nullable String time(@Nullable Instant instant) {
    return instant == null ? null : Json.time(instant);
  }
}
