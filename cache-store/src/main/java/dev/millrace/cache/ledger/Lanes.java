package dev.millrace.cache.ledger;

import dev.millrace.cache.ledger.Flight.Dispatch;
import dev.millrace.contracts.Tier;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/// How the lanes of one partition fare, in memory: what is queued, and what has started. The exact
/// depth of a lane is the sum of these over all partitions. The background has a lane of its own.
final class Lanes {

  /// How long ago a start must be to make an older job that still waits suspicious; and how long a
  /// lane without any start counts as quiet.
  private static final Duration LONG = Duration.ofSeconds(10);

  private static final Duration QUIET = Duration.ofSeconds(30);

  private final Map<Tier, Lane> lanes = new EnumMap<>(Tier.class);
  private final Lane background;

  Lanes(long nanos) {
    background = new Lane(nanos);
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

  void queued(Dispatch dispatch) {
    lane(dispatch).queued.add(dispatch.epoch());
  }

  /// The epoch is no longer queued, whether it started or was replaced.
  void left(Dispatch dispatch) {
    lane(dispatch).queued.remove(dispatch.epoch());
  }

  void started(Dispatch dispatch, long nanos) {
    var lane = lane(dispatch);
    lane.queued.remove(dispatch.epoch());
    lane.lastStart = nanos;
    lane.recent.merge(nanos, dispatch.epoch(), Math::max);
  }

  /// How the lane of a dispatch fares.
  View.Queue queue(Dispatch dispatch, long nanos) {
    var lane = lane(dispatch);
    while (!lane.recent.isEmpty() && nanos - lane.recent.firstKey() >= LONG.toNanos()) {
      lane.startedLongAgo = Math.max(lane.startedLongAgo, lane.recent.pollFirstEntry().getValue());
    }
    long oldest = lane.queued.isEmpty() ? Long.MAX_VALUE : lane.queued.first();
    return new View.Queue(oldest, lane.startedLongAgo, nanos - lane.lastStart >= QUIET.toNanos());
  }

  private Lane lane(Dispatch dispatch) {
    var lane = dispatch.inBackground() ? background : lanes.get(dispatch.lane());
    if (lane == null) {
      throw new IllegalStateException("no lane " + dispatch.lane());
    }
    return lane;
  }
}
