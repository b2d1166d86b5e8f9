package dev.millrace.contracts;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// How far a job is. Workers write it while a run goes on; the ledger writes the terminal one.
///
/// @param status `processing`, or terminal: `completed`, `failed`, `cancelled`
/// @param progress percent, 0–100; never falls within a run; absent on `failed` and `cancelled`
/// @param etaMs expected time to the end of the run
/// @param sequence per run, from 1; readers drop what is not above the last of the run
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Progress(
    Status status,
    @Nullable Integer progress,
    JobId jobId,
    String type,
    Tier tier,
    int attempt,
    @Nullable String runId,
    @Nullable Long processedItems,
    @Nullable Long totalItems,
    @Nullable String message,
    @Nullable Long etaMs,
    long sequence,
    RequestHash requestHash,
    Instant at) {

  /// The sequence of a terminal record: above any of a run, and exact in every JSON reader.
  public static final long TERMINAL_SEQUENCE = (1L << 53) - 1;

  public boolean terminal() {
    return status != Status.PROCESSING;
  }
}
