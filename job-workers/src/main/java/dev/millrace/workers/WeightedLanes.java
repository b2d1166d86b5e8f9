package dev.millrace.workers;

import dev.millrace.contracts.Tier;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Decides which lane gets the next free slot, and which lane may fetch work for it. Plain
/// arithmetic: time is handed in, in nanoseconds, and whoever calls it holds a lock.
final class WeightedLanes {

  /*
   * Start-time fair queueing [1]: every lane has a pass, the virtual time at which its next job is due
   * to start. A job costs 1/weight. The lane with the lowest pass is next; a lane that was idle
   * continues at the present virtual time, so it can neither save up turns nor flood the others later.
   *
   * A lane is a contender while it holds jobs that have not started, and while it is likely to bring
   * some: its last poll did. Jobs are only known once they are fetched, so the next lane may well be
   * one that holds nothing. It is then given a little patience to fetch; if it dawdles or comes back
   * empty it is no contender until it brings something again. A lane that nobody expects anything of
   * may poll whenever a slot is free; that is how it becomes likely.
   *
   * Why a likely lane does not simply poll too: what it fetches beyond the free slots only waits and
   * is then declined, and a declined job goes to the end of its lane.
   *
   * Jobs nobody waits for have no pass and no weight. A slot that no lane has a claim on is lent to
   * them, though never the last one of several: an idle worker starts the next job at once. For the
   * lanes a lent slot is as good as free: they poll, and what they bring has it wanted back.
   *
   * [1] Goyal, Vin, Cheng: Start-time Fair Queuing, SIGCOMM 1996.
   */

  private static final long NOBODY_WAITS = Long.MIN_VALUE;

  private final Map<Tier, Lane> lanes = new EnumMap<>(Tier.class);
  private final long patienceNanos;
  private final int slots;
  private final int mostLent;
  private int free;
  private int lent;
  private double virtualTime;
  private long waitingSince = NOBODY_WAITS;

  private static final class Lane {
    final double cost;
    double pass;
    int held;
    boolean likely;
    boolean polling;
    boolean paused;

    Lane(int weight) {
      cost = 1.0 / weight;
    }

    boolean contends() {
      return !paused && (held > 0 || likely);
    }

    /// How many slots it will want at least.
    int claim() {
      return contends() || polling ? Math.max(held, likely ? 1 : 0) : 0;
    }
  }

  /// @param mostLent the most slots that are lent, if they are so many
  WeightedLanes(Map<Tier, Integer> weights, int slots, int mostLent, long patienceNanos) {
    weights.forEach((tier, weight) -> lanes.put(tier, new Lane(weight)));
    this.slots = slots;
    this.mostLent = Math.min(mostLent, Math.max(1, slots - 1));
    this.free = slots;
    this.patienceNanos = patienceNanos;
  }

  int used() {
    return slots - free;
  }

  /// Whether the lane may fetch work now.
  boolean mayPoll(Tier tier, long now) {
    var lane = lane(tier);
    if (free + lent == 0 || lane.paused) {
      return false;
    }
    return !lane.likely || isNext(tier, now) || free + lent > claims() - lane.claim();
  }

  /// Whether a job that the lane holds may start now.
  boolean mayStart(Tier tier, long now) {
    var lane = lane(tier);
    return free > 0 && !lane.paused && lane.held > 0 && isNext(tier, now);
  }

  void polling(Tier tier) {
    lane(tier).polling = true;
  }

  /// The lane has fetched `count` jobs that could start.
  void polled(Tier tier, int count) {
    var lane = lane(tier);
    lane.polling = false;
    lane.likely = count > 0;
    lane.held = count;
  }

  /// A job of the lane takes a slot.
  void started(Tier tier) {
    var lane = lane(tier);
    double start = Math.max(lane.pass, virtualTime);
    virtualTime = start;
    lane.pass = start + lane.cost;
    lane.held--;
    free--;
    waitingSince = NOBODY_WAITS;
  }

  /// The lane's turn is over: it holds nothing any more.
  void lettingGo(Tier tier) {
    var lane = lane(tier);
    lane.polling = false;
    lane.held = 0;
  }

  /// A slot is free again.
  void freed() {
    free++;
  }

  /// Whether a slot may be lent to a job nobody waits for.
  boolean mayLend() {
    return lent < mostLent && free > claims();
  }

  /// A job nobody waits for takes a slot.
  void lent() {
    lent++;
    free--;
  }

  /// A lent slot is free again.
  void returned() {
    lent--;
    free++;
  }

  /// How many lent slots the lanes have a job for that finds no other.
  int wantedBack() {
    int held = 0;
    for (var lane : lanes.values()) {
      held += lane.paused ? 0 : lane.held;
    }
    return Math.clamp((long) held - free, 0, lent);
  }

  void pause(Tier tier, boolean paused) {
    lane(tier).paused = paused;
  }

  /// How long until patience with a dawdling lane ends, or `most` when nobody waits for one.
  long patienceLeft(long now, long most) {
    return waitingSince == NOBODY_WAITS
        ? most
        : Math.clamp(waitingSince + patienceNanos - now, 1, most);
  }

  /// Whether the lane is next. Counts the time for which a lane that should be next keeps it
  /// waiting.
  private boolean isNext(Tier tier, long now) {
    while (true) {
      var next = next();
      if (next == null || next == tier) {
        return true;
      }
      if (lane(next).held > 0) {
        return false;
      }
      if (waitingSince == NOBODY_WAITS) {
        waitingSince = now;
      }
      if (now - waitingSince < patienceNanos) {
        return false;
      }
      lane(next).likely = false;
      waitingSince = NOBODY_WAITS;
    }
  }

  /// The contender with the lowest pass; the better tier of two.
  private @Nullable Tier next() {
    Tier best = null;
    double lowest = Double.POSITIVE_INFINITY;
    for (var entry : lanes.entrySet()) {
      var lane = entry.getValue();
      double pass = Math.max(lane.pass, virtualTime);
      if (lane.contends() && pass <= lowest) {
        best = entry.getKey();
        lowest = pass;
      }
    }
    return best;
  }

  private int claims() {
    int claims = 0;
    for (var lane : lanes.values()) {
      claims += lane.claim();
    }
    return claims;
  }

  private Lane lane(Tier tier) {
    var lane = lanes.get(tier);
    if (lane == null) {
      throw new IllegalArgumentException("no weight for lane " + tier.id());
    }
    return lane;
  }
}
