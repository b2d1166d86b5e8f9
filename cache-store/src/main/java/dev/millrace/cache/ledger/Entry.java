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
@JsonInclude(JsonInclude.Include.NON_EMPTY)
record Entry(@Nullable Answer answer, @Nullable Flight flight, @Nullable List<Long> ending) {

  static final Entry EMPTY = new Entry(null, null, List.of());

  Entry {
    ending = ending == null ? List.of() : List.copyOf(ending);
  }

  Entry with(@Nullable Answer newAnswer) {
    return new Entry(newAnswer, flight, ending);
  }

  Entry with(@Nullable Flight newFlight) {
    return new Entry(answer, newFlight, ending);
  }

  Entry withEnding(List<Long> cohorts) {
    return new Entry(answer, flight, cohorts);
  }

  boolean isEmpty() {
    return answer == null && flight == null && endingCohorts().isEmpty();
  }

  List<Long> endingCohorts() {
    return ending == null ? List.of() : ending;
  }

  /// A known answer, or a permanent failure remembered for a short while. Its result lies in the
  /// store `answers`.
  ///
  /// @param generation of the epoch that made it: what was invalidated later makes it untrue
  /// @param expiresAt null: never
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
      @Nullable String provenance) {

    static final String WARMED = "WARMED";

    /// The type of what it answers, which its job is named after.
    @JsonIgnore
    String type() {
      return jobId.value().substring(0, jobId.value().indexOf(':'));
    }

    Answer {
      tags = List.copyOf(tags);
    }
  }
}
