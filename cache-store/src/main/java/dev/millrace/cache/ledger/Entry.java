package dev.millrace.cache.ledger;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.millrace.contracts.Failure;
import dev.millrace.contracts.JobId;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the ledger knows of one request hash.
///
/// @param answer the newest answer, good or not: whoever reads it checks
/// @param flight the job that is computing one
/// @param ending cohorts whose end is decided and whose completions are still being written
/// @param lifetime how long its last answer was good, where that adapts; it outlives the answer
@JsonInclude(JsonInclude.Include.NON_EMPTY)
record Entry(
    @Nullable Answer answer,
    @Nullable Flight flight,
    @Nullable List<Long> ending,
    @Nullable Lifetime lifetime) {

  static final Entry EMPTY = new Entry(null, null, List.of(), null);

  Entry {
    ending = ending == null ? List.of() : List.copyOf(ending);
  }

  Entry with(@Nullable Answer newAnswer) {
    return new Entry(newAnswer, flight, ending, lifetime);
  }

  Entry with(@Nullable Flight newFlight) {
    return new Entry(answer, newFlight, ending, lifetime);
  }

  Entry withEnding(List<Long> cohorts) {
    return new Entry(answer, flight, cohorts, lifetime);
  }

  Entry with(@Nullable Lifetime newLifetime) {
    return new Entry(answer, flight, ending, newLifetime);
  }

  boolean isEmpty() {
    return answer == null && flight == null && endingCohorts().isEmpty() && lifetime == null;
  }

  List<Long> endingCohorts() {
    return ending == null ? List.of() : ending;
  }

  /// A known answer, or a permanent failure remembered for a short while. Its result lies in the
  /// store `answers`.
  ///
  /// @param generation of the epoch that made it: what was invalidated later makes it untrue
  /// @param expiresAt null: never
  /// @param staleMs how long past `expiresAt` it is kept, because it is still given as stale; null:
  ///   no longer
  /// @param notRefreshedBefore while nobody asks for it anew, since the last refresh failed; null:
  ///   it may be refreshed
  /// @param failure set when the answer is a failure
  /// @param provenance [#WARMED] when an operator gave the answer; null: it was computed
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Answer(
      JobId jobId,
      long epoch,
      long generation,
      List<String> tags,
      Instant completedAt,
      @Nullable Instant expiresAt,
      int attempts,
      long runMs,
      @Nullable String resultRef,
      @Nullable Long resultBytes,
      @Nullable String resultSha256,
      @Nullable Failure failure,
      @Nullable String provenance,
      @Nullable Long staleMs,
      @Nullable Instant notRefreshedBefore) {

    static final String WARMED = "WARMED";

    /// The type of what it answers, which its job is named after.
    @JsonIgnore
    String type() {
      return jobId.value().substring(0, jobId.value().indexOf(':'));
    }

    Answer {
      tags = List.copyOf(tags);
    }

    /// When it is taken out; null: never.
    @JsonIgnore
    @Nullable Instant keptUntil() {
      return expiresAt == null || staleMs == null ? expiresAt : expiresAt.plusMillis(staleMs);
    }

    Answer notRefreshedBefore(Instant at) {
      return new Answer(
          jobId,
          epoch,
          generation,
          tags,
          completedAt,
          expiresAt,
          attempts,
          runMs,
          resultRef,
          resultBytes,
          resultSha256,
          failure,
          provenance,
          staleMs,
          at);
    }
  }
}
