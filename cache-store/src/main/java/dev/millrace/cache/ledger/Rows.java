package dev.millrace.cache.ledger;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.contracts.Admitted;
import dev.millrace.contracts.Failure;
import dev.millrace.contracts.JobId;
import dev.millrace.contracts.Origin;
import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.Source;
import dev.millrace.contracts.Status;
import dev.millrace.contracts.Tier;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The rows of the ledger's stores beside [Entry].
final class Rows {

  private Rows() {}

  /// The identity of a request: what its caller calls it, and what it asks.
  record RequestKey(@Nullable String organizationId, String requestId, RequestHash hash) {

    static RequestKey of(Admitted request) {
      return new RequestKey(request.organizationId(), request.requestId(), request.requestHash());
    }
  }

  /// A request the ledger has taken, for the dedupe window.
  ///
  /// @param origin where it stood first
  /// @param waiter while it waits: its row in `waiters`
  /// @param end after its end
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record RequestRow(Origin origin, @Nullable WaiterKey waiter, @Nullable RequestEnd end) {}

  /// How a request ended: its completion without the result.
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record RequestEnd(
      Status status,
      @Nullable Source source,
      @Nullable JobId jobId,
      int attempts,
      long waitMs,
      long runMs,
      long savedMs,
      @Nullable String resultRef,
      @Nullable Long resultBytes,
      @Nullable String resultSha256,
      @Nullable Failure error,
      Instant completedAt) {}

  /// The place of one waiter of a hash.
  record WaiterKey(long cohort, long number) {}

  /// A request that waits for a job.
  ///
  /// @param source what its completion will say: computed for whoever caused the job, else joined
  /// @param askedAt when the ledger took it
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Waiter(
      String requestId,
      @Nullable String organizationId,
      @Nullable String userId,
      Tier tier,
      Source source,
      Instant askedAt) {}

  /// A partition's counters.
  ///
  /// @param epoch the last epoch given out
  /// @param generation invalidations so far
  /// @param sequence the last decision's number
  /// @param number the last number given to a cohort or waiter
  /// @param clock the latest time the ledger has seen, ms
  record Counters(long epoch, long generation, long sequence, long number, long clock) {

    /// Epochs a store built from nothing skips for each time that happened, so that no number is
    /// used twice.
    private static final long EPOCHS_PER_INCARNATION = 1_000_000_000_000L;

    static Counters fresh(long incarnation) {
      return new Counters(incarnation * EPOCHS_PER_INCARNATION, 0, 0, 0, 0);
    }

    /// The same at `now`, or at the time it has when that is later: the clock never goes back.
    Counters at(Instant now) {
      return new Counters(epoch, generation, sequence, number, Math.max(clock, now.toEpochMilli()));
    }
  }

  /// A run whose lease a successor of this process must watch.
  record Running(JobId jobId, long epoch, String runId) {}

  /// The decided end of a job, while its completions are being written.
  ///
  /// @param number names the row
  /// @param cohorts still to serve; the first one up to and including `done` is served
  /// @param done the number of the last waiter served in the first cohort
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Ending(
      long number,
      RequestHash hash,
      JobId jobId,
      String type,
      Status status,
      int attempts,
      long runMs,
      @Nullable JsonNode result,
      @Nullable String resultRef,
      @Nullable Long resultBytes,
      @Nullable String resultSha256,
      @Nullable Failure error,
      List<Long> cohorts,
      long done,
      Instant completedAt) {

    Ending {
      cohorts = List.copyOf(cohorts);
    }

    Ending at(List<Long> newCohorts, long newDone) {
      return new Ending(
          number,
          hash,
          jobId,
          type,
          status,
          attempts,
          runMs,
          result,
          resultRef,
          resultBytes,
          resultSha256,
          error,
          newCohorts,
          newDone,
          completedAt);
    }
  }
}
