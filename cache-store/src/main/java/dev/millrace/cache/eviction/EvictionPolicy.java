package dev.millrace.cache.eviction;

import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/// Which answer goes when room is needed: the one with the lowest score and, of equal ones, the one
/// not used for the longest. A score is given when an answer is stored and again at each hit.
public enum EvictionPolicy {
  /// Least recently used.
  LRU("lru"),

  /// Least frequently used.
  LFU("lfu"),

  /// First in, first out.
  FIFO("fifo"),

  /// Any, each as likely as the others: lifetimes are drawn from the exponential distribution,
  /// which has no memory, so that those who stayed long are in no better place than a newcomer.
  RANDOM("random"),

  /// GreedyDual-Size-Frequency: what costs least to compute again for each byte it holds, weighed
  /// by how often it was asked. The floor rises with every victim, so that old fame fades. (L.
  /// Cherkasova, Improving WWW Proxies Performance with Greedy-Dual-Size-Frequency Caching Policy,
  /// HP Labs HPL-98-69R1, 1998; cost is the run time of the answer.)
  COST_AWARE("cost-aware");

  /// A policy's view of an answer that was just stored or hit.
  ///
  /// @param tick counts uses of all answers
  /// @param frequency uses of this one, from 1 when it was stored
  /// @param score given at the last use; 0 at the first
  /// @param floor the score of the last victim
  /// @param bytes at least 1
  /// @param costMs what computing it took, at least 1
  record Use(
      long tick,
      int frequency,
      double score,
      double floor,
      long bytes,
      int costMs,
      RandomGenerator random) {

    boolean isFirst() {
      return frequency == 1;
    }
  }

  private final String id;

  EvictionPolicy(String id) {
    this.id = id;
  }

  /// Its name in settings, metrics and decisions.
  public String id() {
    return id;
  }

  double score(Use use) {
    return switch (this) {
      case LRU -> use.tick();
      case LFU -> use.frequency();
      case FIFO -> use.isFirst() ? use.tick() : use.score();
      case RANDOM -> use.isFirst() ? use.floor() + use.random().nextExponential() : use.score();
      case COST_AWARE -> use.floor() + (double) use.frequency() * use.costMs() / use.bytes();
    };
  }

  public static List<String> ids() {
    return Arrays.stream(values()).map(EvictionPolicy::id).toList();
  }

  public static EvictionPolicy of(String id) {
    return Arrays.stream(values())
        .filter(policy -> policy.id.equals(id))
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("expected one of " + ids() + ", got '" + id + "'"));
  }
}
