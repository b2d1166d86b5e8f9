package dev.millrace.contracts;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What the ledger tells every worker about one run. Keyed by job id.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "control")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Control.Revoke.class, name = "revoke"),
  @JsonSubTypes.Type(value = Control.Grant.class, name = "grant"),
})
@JsonInclude(JsonInclude.Include.NON_NULL)
public sealed interface Control {

  JobId jobId();

  long epoch();

  /// Stop.
  ///
  /// @param runId the run to stop; null: whichever run of the epoch
  record Revoke(JobId jobId, long epoch, @Nullable String runId, String reason, Instant at)
      implements Control {}

  /// An effect may begin.
  record Grant(JobId jobId, long epoch, String runId, Instant at) implements Control {}
}
