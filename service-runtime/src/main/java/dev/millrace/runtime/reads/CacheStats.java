package dev.millrace.runtime.reads;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the ledgers of one process hold, and what they have done since it started.
///
/// @param partitions of these ledgers
/// @param since when it started
/// @param hits requests answered by what was known
/// @param joined requests that wait for a job in flight
/// @param misses requests that had a job dispatched
/// @param evictions answers that went to make room
/// @param entries answers it holds; null: not counted
/// @param bytes they take; null: not counted
/// @param layers where their results were looked for, the fastest first; null: not counted
@JsonInclude(JsonInclude.Include.NON_NULL)
public record CacheStats(
    List<Integer> partitions,
    Instant since,
    long hits,
    long joined,
    long misses,
    long evictions,
    @Nullable Long entries,
    @Nullable Long bytes,
    @Nullable List<Layer> layers) {

  public CacheStats {
    partitions = List.copyOf(partitions);
    layers = layers == null ? null : List.copyOf(layers);
  }

  /// How often a result was found in one layer, and how often not.
  ///
  /// @param bytes it holds; null: not counted
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Layer(String layer, long hits, long misses, @Nullable Long bytes) {

    /// Both together. Its bytes are counted when both's are.
    public Layer plus(Layer other) {
      return new Layer(
          layer,
          hits + other.hits,
          misses + other.misses,
          bytes == null || other.bytes == null ? null : Long.valueOf(bytes + other.bytes));
    }
  }
}
