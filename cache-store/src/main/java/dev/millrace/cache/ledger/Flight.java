package dev.millrace.cache.ledger;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.millrace.contracts.JobId;
import dev.millrace.contracts.Policy;
import dev.millrace.contracts.Tier;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A job in flight: what is being computed, under which epoch, for how many waiters.
///
/// @param asked what its waiters want of it, united
/// @param current the epoch that counts now
/// @param superseded epochs that were replaced: a success of theirs still counts when a run was
///   bound, and an unbound one that a promotion replaced may still be started first
/// @param cohorts its waiters, grouped by the generation they asked in
/// @param lost attempts in a row that ended because the worker fell silent
/// @param unknown times in a row that no worker knew the type
/// @param notKept times in a row that the blob store did not take its result
/// @param background true when the answer is wanted though nobody may wait for it: by a refresh or
///   a warm-up
@JsonInclude(JsonInclude.Include.NON_NULL)
record Flight(
    JobId jobId,
    Asked asked,
    Dispatch current,
    List<Dispatch> superseded,
    List<Cohort> cohorts,
    int lost,
    int unknown,
    int notKept,
    @Nullable Boolean background) {

  /// How many replaced epochs are remembered; the oldest go first.
  private static final int REMEMBERED = 16;

  Flight {
    superseded = List.copyOf(superseded);
    cohorts = List.copyOf(cohorts);
  }

  /// Where a dispatch stands.
  enum State {
    /// In its lane.
    QUEUED,
    /// Bound to a run.
    RUNNING,
    /// Failed or not understood; waits for its time.
    BACKOFF
  }

  /// One epoch of a job.
  ///
  /// @param generation the partition's count of invalidations when it was dispatched
  /// @param runId the run it is bound to
  /// @param notBefore in backoff: when it goes on
  /// @param background true when it is in the lane of what nobody waits for; `lane` is then only
  ///   the tier of whoever caused it
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Dispatch(
      long epoch,
      State state,
      Tier lane,
      int attempt,
      long generation,
      Instant at,
      @Nullable String runId,
      @Nullable Instant notBefore,
      @Nullable Boolean background) {

    /// In its lane, or in the background's.
    static Dispatch queued(
        long epoch, Tier lane, boolean background, int attempt, long generation, Instant now) {
      return new Dispatch(
          epoch,
          State.QUEUED,
          lane,
          attempt,
          generation,
          now,
          null,
          null,
          background ? Boolean.TRUE : null);
    }

    /// The same epoch without its run, as if it had never been started.
    Dispatch givenBack() {
      return new Dispatch(
          epoch, State.QUEUED, lane, attempt, generation, at, null, null, background);
    }

    Dispatch running(String run, Instant now) {
      return new Dispatch(
          epoch, State.RUNNING, lane, attempt, generation, now, run, null, background);
    }

    Dispatch backoff(Instant until) {
      return new Dispatch(
          epoch, State.BACKOFF, lane, attempt, generation, at, runId, until, background);
    }

    boolean inBackground() {
      return Boolean.TRUE.equals(background);
    }

    boolean is(State wanted, long wantedEpoch) {
      return state == wanted && epoch == wantedEpoch;
    }

    boolean boundTo(long wantedEpoch, String run) {
      return epoch == wantedEpoch && run.equals(runId);
    }
  }

  /// What the waiters of a job want of it, united: the most of each.
  ///
  /// @param stores whether any waiter's mode stores the answer
  /// @param ttlMs how long a waiter that stores wants it kept; null: for ever
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Asked(
      String type,
      Policy policy,
      int maxAttempts,
      List<String> tags,
      boolean stores,
      @Nullable Long ttlMs,
      @Nullable String traceparent) {

    Asked {
      tags = List.copyOf(tags);
    }
  }

  /// Waiters that one end serves together.
  ///
  /// @param number names the cohort in the store `waiters`
  /// @param generation the highest its waiters asked in: an end of an older epoch serves none of
  ///   them
  record Cohort(long number, long generation, int free, int pro, int enterprise) {

    @JsonIgnore
    int size() {
      return free + pro + enterprise;
    }

    Cohort plus(Tier tier, int change) {
      return switch (tier) {
        case FREE -> new Cohort(number, generation, free + change, pro, enterprise);
        case PRO -> new Cohort(number, generation, free, pro + change, enterprise);
        case ENTERPRISE -> new Cohort(number, generation, free, pro, enterprise + change);
      };
    }
  }

  Flight withAsked(Asked newAsked) {
    return new Flight(
        jobId, newAsked, current, superseded, cohorts, lost, unknown, notKept, background);
  }

  Flight withCurrent(Dispatch dispatch) {
    return new Flight(
        jobId, asked, dispatch, superseded, cohorts, lost, unknown, notKept, background);
  }

  Flight withSuperseded(List<Dispatch> dispatches) {
    return new Flight(
        jobId, asked, current, dispatches, cohorts, lost, unknown, notKept, background);
  }

  Flight withCohorts(List<Cohort> newCohorts) {
    return new Flight(
        jobId, asked, current, superseded, newCohorts, lost, unknown, notKept, background);
  }

  Flight withStrikes(int newLost, int newUnknown, int newNotKept) {
    return new Flight(
        jobId, asked, current, superseded, cohorts, newLost, newUnknown, newNotKept, background);
  }

  /// This flight with `next` in place of the current epoch, which stays remembered if its outcome
  /// may still matter.
  Flight superseding(Dispatch next) {
    var remembered = new ArrayList<>(superseded);
    boolean mayStillMatter = current.runId() != null || current.state() == State.QUEUED;
    if (mayStillMatter) {
      remembered.add(current);
    }
    if (remembered.size() > REMEMBERED) {
      remembered.removeFirst();
    }
    return new Flight(jobId, asked, next, remembered, cohorts, lost, unknown, notKept, background);
  }

  /// The dispatch, current or superseded, that is bound to this run of this epoch.
  Optional<Dispatch> bound(long epoch, String runId) {
    if (current.boundTo(epoch, runId)) {
      return current.state() == State.RUNNING ? Optional.of(current) : Optional.empty();
    }
    return superseded.stream().filter(dispatch -> dispatch.boundTo(epoch, runId)).findFirst();
  }

  /// The generation of the oldest epoch whose answer may still count.
  long oldestGeneration() {
    return superseded.stream()
        .mapToLong(Dispatch::generation)
        .reduce(current.generation(), Math::min);
  }

  /// Whether nobody waits and nobody wants it either.
  @JsonIgnore
  boolean unwanted() {
    return waiters() == 0 && !Boolean.TRUE.equals(background);
  }

  /// This flight, which goes on when nobody waits for it.
  Flight wantedInBackground() {
    return new Flight(jobId, asked, current, superseded, cohorts, lost, unknown, notKept, true);
  }

  @JsonIgnore
  int waiters() {
    return cohorts.stream().mapToInt(Cohort::size).sum();
  }

  /// The best tier among the waiters; the current lane when none is left.
  Tier bestTier() {
    boolean enterprise = cohorts.stream().anyMatch(cohort -> cohort.enterprise() > 0);
    boolean pro = cohorts.stream().anyMatch(cohort -> cohort.pro() > 0);
    boolean free = cohorts.stream().anyMatch(cohort -> cohort.free() > 0);
    return enterprise ? Tier.ENTERPRISE : pro ? Tier.PRO : free ? Tier.FREE : current.lane();
  }
}
