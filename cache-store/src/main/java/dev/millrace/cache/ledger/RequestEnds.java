package dev.millrace.cache.ledger;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.cache.ledger.Entry.Answer;
import dev.millrace.cache.ledger.Rows.Ending;
import dev.millrace.cache.ledger.Rows.RequestEnd;
import dev.millrace.cache.ledger.Rows.Waiter;
import dev.millrace.contracts.Completion;
import dev.millrace.contracts.Failure;
import dev.millrace.contracts.JobId;
import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.Source;
import dev.millrace.contracts.Status;
import dev.millrace.contracts.Tier;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// The ways a request ends, and the completion that says so.
final class RequestEnds {

  private RequestEnds() {}

  /// No job had a part in it.
  static RequestEnd without(Status status, @Nullable Failure failure, Instant now) {
    return new RequestEnd(status, null, null, 0, 0, 0, 0, null, null, null, failure, now);
  }

  static RequestEnd cached(Answer answer, Source source, Instant now) {
    boolean failed = answer.failure() != null;
    return new RequestEnd(
        failed ? Status.FAILED : Status.COMPLETED,
        failed ? null : source,
        answer.jobId(),
        0,
        0,
        0,
        failed ? 0 : answer.runMs(),
        answer.resultRef(),
        answer.resultBytes(),
        answer.resultSha256(),
        answer.failure(),
        now);
  }

  /// The door answered from an entry that has changed since.
  static RequestEnd cachedElsewhere(JobId jobId, Instant now) {
    return new RequestEnd(
        Status.COMPLETED, Source.CACHED, jobId, 0, 0, 0, 0, null, null, null, null, now);
  }

  /// A waiter of a job that ended.
  static RequestEnd of(Waiter waiter, Ending ending) {
    long elapsed = Duration.between(waiter.askedAt(), ending.completedAt()).toMillis();
    boolean completed = ending.status() == Status.COMPLETED;
    return new RequestEnd(
        ending.status(),
        completed ? waiter.source() : null,
        ending.jobId(),
        ending.attempts(),
        Math.max(0, elapsed - ending.runMs()),
        ending.runMs(),
        completed && waiter.source() == Source.JOINED ? ending.runMs() : 0,
        ending.resultRef(),
        ending.resultBytes(),
        ending.resultSha256(),
        ending.error(),
        ending.completedAt());
  }

  /// A waiter that left its job: cancelled or past its deadline.
  static RequestEnd left(Waiter waiter, Status status, Flight flight, Instant now) {
    return new RequestEnd(
        status,
        null,
        flight.jobId(),
        flight.current().attempt(),
        Math.max(0, Duration.between(waiter.askedAt(), now).toMillis()),
        0,
        0,
        null,
        null,
        null,
        null,
        now);
  }

  static Completion completion(
      RequestEnd end,
      String requestId,
      @Nullable String organizationId,
      @Nullable String userId,
      RequestHash hash,
      String type,
      Tier tier,
      @Nullable JsonNode result,
      boolean repeat) {
    return new Completion(
        end.status(),
        end.source(),
        requestId,
        organizationId,
        userId,
        end.jobId(),
        hash,
        type,
        tier,
        end.attempts(),
        end.waitMs(),
        end.runMs(),
        end.savedMs(),
        result,
        end.resultRef(),
        end.resultBytes(),
        end.resultSha256(),
        end.error(),
        repeat,
        end.completedAt());
  }
}
