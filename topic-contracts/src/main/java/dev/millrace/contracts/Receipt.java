package dev.millrace.contracts;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// One ledger partition's answer to a command. The command is done when all partitions have
/// answered.
///
/// @param found how many requests, entries or lanes of this partition it met
/// @param recomputeMs of a dry run: the compute time that went into what it found, ms
/// @param warmUp of a warm-up: what became of its requests here
@JsonInclude(JsonInclude.Include.ALWAYS)
public record Receipt(
    String commandId,
    int partition,
    int partitions,
    boolean ok,
    long found,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Long recomputeMs,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable WarmUp warmUp,
    @Nullable String error,
    Instant at) {

  /// What became of the requests of a warm-up. Together they are what was found.
  ///
  /// @param started jobs in the background
  /// @param stored answers that were given
  /// @param known whose answer is there, or whose job is under way: nothing was to be done
  /// @param refused given answers that are too large to be kept
  public record WarmUp(long started, long stored, long known, long refused) {

    public static final WarmUp NOTHING = new WarmUp(0, 0, 0, 0);

    /// How many requests they are.
    public long all() {
      return started + stored + known + refused;
    }

    public WarmUp plus(WarmUp more) {
      return new WarmUp(
          started + more.started, stored + more.stored, known + more.known, refused + more.refused);
    }
  }
}
