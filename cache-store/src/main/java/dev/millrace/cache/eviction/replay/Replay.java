package dev.millrace.cache.eviction.replay;

import dev.millrace.cache.eviction.Budget;
import dev.millrace.cache.eviction.EvictionIndex;
import dev.millrace.cache.eviction.EvictionPolicy;
import java.util.random.RandomGenerator;

/// One policy's run through a sequence of requests. An answer that is asked for and not held is
/// computed and stored, unless it is larger than the whole budget.
public final class Replay {

  private final EvictionIndex index;
  private final long mostBytes;
  private long requests;
  private long hits;
  private long bytes;
  private long hitBytes;
  private long costMs;
  private long savedMs;
  private long evictions;

  public Replay(EvictionPolicy policy, Budget budget, RandomGenerator random) {
    index = new EvictionIndex(policy, budget, random);
    mostBytes = budget.bytes();
  }

  public void access(Access access) {
    requests++;
    bytes += access.bytes();
    costMs += access.costMs();
    if (index.contains(access.hash())) {
      hits++;
      hitBytes += access.bytes();
      savedMs += access.costMs();
      index.hit(access.hash());
    } else if (access.bytes() <= mostBytes) {
      evictions +=
          index.put(access.hash(), access.bytes(), access.costMs(), Integer.MAX_VALUE).size();
    }
  }

  public Score score() {
    return new Score(
        requests,
        hits,
        share(hits, requests),
        share(hitBytes, bytes),
        savedMs,
        share(savedMs, costMs),
        evictions);
  }

  private static double share(long part, long whole) {
    return whole == 0 ? 0 : (double) part / whole;
  }

  /// What a policy made of it. Rates and shares are between 0 and 1.
  ///
  /// @param byteHitRate share of the bytes asked for that were held
  /// @param savedMs run time of the answers that were held
  /// @param savedShare of the run time without any cache
  public record Score(
      long requests,
      long hits,
      double hitRate,
      double byteHitRate,
      long savedMs,
      double savedShare,
      long evictions) {}
}
