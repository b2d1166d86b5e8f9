package dev.millrace.cache.ledger;

import dev.millrace.contracts.Tier;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/// How the lanes of one partition fare, in memory: what is queued, and what has started. The exact
/// depth of a lane is the sum of these over all partitions.
final class Lanes {

  /// How long ago a start must be to make an older job that still waits suspicious; and how long a
  /// lane without any start counts as quiet.
  private static final Duration LONG = Duration.ofSeconds(10);

  private static final Duration QUIET = Duration.ofSeconds(30);

  private final Map<Tier, Lane> lanes = new EnumMap<>(Tier.class);

  Lanes(long nanos) {
    for (var tier : Tier.values()) {
      lanes.put(tier, new Lane(nanos));
    }
  }

  private static final class Lane {
    private final TreeSet<Long> queued = new TreeSet<>();

    /// Epochs started within the last [#LONG], by time.
    private final TreeMap<Long, Long> recent = new TreeMap<>();

    private long startedLongAgo;
    private long lastStart;

    private Lane(long nanos) {
      lastStart = nanos;
    }
  }

  void queued(Tier tier, long epoch) {
    lane(tier).queued.add(epoch);
  }

  /// The epoch is no longer queued, whether it started or was replaced.
  void left(Tier tier, long epoch) {
    lane(tier).queued.remove(epoch);
  }

  void started(Tier tier, long epoch, long nanos) {
    var lane = lane(tier);
    lane.queued.remove(epoch);
    lane.lastStart = nanos;
    lane.recent.merge(nanos, epoch, Math::max);
  }

  View.Queue queue(Tier tier, long nanos) {
    var lane = lane(tier);
    while (!lane.recent.isEmpty() && nanos - lane.recent.firstKey() >= LONG.toNanos()) {
      lane.startedLongAgo = Math.max(lane.startedLongAgo, lane.recent.pollFirstEntry().getValue());
    }
    long oldest = lane.queued.isEmpty() ? Long.MAX_VALUE : lane.queued.first();
    return new View.Queue(oldest, lane.startedLongAgo, nanos - lane.lastStart >= QUIET.toNanos());
  }

  int depth(Tier tier) {
    return lane(tier).queued.size();
  }

  private Lane lane(Tier tier) {
    var lane = lanes.get(tier);
    if (lane == null) {
      throw new IllegalStateException("no lane " + tier);
    }
    return lane;
  }
}
