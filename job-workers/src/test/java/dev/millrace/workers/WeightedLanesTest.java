package dev.millrace.workers;

import static dev.millrace.contracts.Tier.ENTERPRISE;
import static dev.millrace.contracts.Tier.FREE;
import static dev.millrace.contracts.Tier.PRO;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.contracts.Tier;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.junit.jupiter.api.Test;

class WeightedLanesTest {

  private static final Map<Tier, Integer> WEIGHTS = Map.of(ENTERPRISE, 6, PRO, 3, FREE, 1);
  private static final long MS = 1_000_000;

  @Test
  void full_lanes_get_their_weights_share() {
    var world = new World(5, 4, 100 * MS);
    world.backlog(ENTERPRISE, 10_000).backlog(PRO, 10_000).backlog(FREE, 10_000);

    world.run(40_000 * MS);

    assertThat(world.share(ENTERPRISE)).isCloseTo(0.6, within(0.06));
    assertThat(world.share(PRO)).isCloseTo(0.3, within(0.03));
    assertThat(world.share(FREE)).isCloseTo(0.1, within(0.01));
    assertThat(world.idleShare()).isLessThan(0.1);
  }

  @Test
  void full_lanes_get_their_share_of_one_slot_too() {
    var world = new World(1, 1, 500 * MS);
    world.backlog(ENTERPRISE, 10_000).backlog(PRO, 10_000).backlog(FREE, 10_000);

    world.run(500_000 * MS);

    assertThat(world.share(ENTERPRISE)).isCloseTo(0.6, within(0.06));
    assertThat(world.share(PRO)).isCloseTo(0.3, within(0.03));
    assertThat(world.share(FREE)).isCloseTo(0.1, within(0.01));
  }

  @Test
  void one_record_a_poll_gives_back_next_to_nothing_under_full_load() {
    var world = new World(5, 1, 4_000 * MS);
    world.backlog(ENTERPRISE, 10_000).backlog(PRO, 10_000).backlog(FREE, 10_000);

    world.run(1_000_000 * MS);

    assertThat(world.declined).isLessThan(world.started() / 20);
  }

  @Test
  void the_share_of_an_idle_lane_goes_to_the_others() {
    var world = new World(5, 4, 100 * MS);
    world.backlog(PRO, 10_000).backlog(FREE, 10_000);

    world.run(20_000 * MS);

    assertThat(world.share(PRO)).isCloseTo(0.75, within(0.075));
    assertThat(world.share(FREE)).isCloseTo(0.25, within(0.025));
    assertThat(world.idleShare()).isLessThan(0.1);
  }

  @Test
  void a_lane_that_was_idle_does_not_flood_the_others() {
    var world = new World(5, 4, 100 * MS);
    world.backlog(FREE, 100_000);
    world.run(20_000 * MS);
    world.backlog(ENTERPRISE, 10_000);
    world.forget();

    world.run(2_000 * MS);

    assertThat(world.share(ENTERPRISE)).isCloseTo(6.0 / 7, within(0.09));
    assertThat(world.share(FREE)).isGreaterThan(0.1);
  }

  @Test
  void a_paused_lane_is_not_polled_and_keeps_nobody_waiting() {
    var lanes = new WeightedLanes(WEIGHTS, 1, 0, 25 * MS);
    lanes.polled(ENTERPRISE, 2);
    lanes.lettingGo(ENTERPRISE);
    lanes.polled(FREE, 1);

    lanes.pause(ENTERPRISE, true);

    assertThat(lanes.mayPoll(ENTERPRISE, 0)).isFalse();
    assertThat(lanes.mayStart(FREE, 0)).isTrue();
  }

  @Test
  void patience_with_a_lane_that_brings_nothing_ends() {
    var lanes = new WeightedLanes(WEIGHTS, 1, 0, 25 * MS);
    lanes.polled(ENTERPRISE, 1);
    lanes.lettingGo(ENTERPRISE);
    lanes.polled(FREE, 1);

    assertThat(lanes.mayStart(FREE, 0)).isFalse();
    assertThat(lanes.patienceLeft(0, 1_000 * MS)).isEqualTo(25 * MS);
    assertThat(lanes.mayStart(FREE, 24 * MS)).isFalse();
    assertThat(lanes.mayStart(FREE, 25 * MS)).isTrue();
  }

  @Test
  void nothing_is_polled_while_no_slot_is_free() {
    var lanes = new WeightedLanes(WEIGHTS, 1, 0, 25 * MS);
    lanes.polled(PRO, 1);
    lanes.started(PRO);

    assertThat(lanes.used()).isEqualTo(1);
    assertThat(Tier.values()).noneMatch(tier -> lanes.mayPoll(tier, 0));

    lanes.freed();

    assertThat(lanes.mayPoll(FREE, 0)).isTrue();
  }

  @Test
  void idle_slots_are_lent_but_never_the_last_of_several() {
    var lanes = new WeightedLanes(WEIGHTS, 3, 1_000, 25 * MS);

    assertThat(lent(lanes)).isEqualTo(2);
    assertThat(lent(new WeightedLanes(WEIGHTS, 1, 1_000, 25 * MS))).isEqualTo(1);
    assertThat(lent(new WeightedLanes(WEIGHTS, 5, 2, 25 * MS))).isEqualTo(2);
    assertThat(lanes.used()).isEqualTo(2);
  }

  @Test
  void a_slot_that_a_lane_may_want_is_not_lent() {
    var lanes = new WeightedLanes(WEIGHTS, 2, 1_000, 25 * MS);

    lanes.polled(FREE, 2);
    assertThat(lanes.mayLend()).isFalse();
    lanes.started(FREE);
    lanes.lettingGo(FREE);
    assertThat(lanes.mayLend()).as("the lane is likely to bring more").isFalse();
    lanes.polled(FREE, 0);
    assertThat(lanes.mayLend()).isTrue();
  }

  @Test
  void lanes_poll_for_a_lent_slot_and_want_as_many_back_as_find_no_other() {
    var lanes = new WeightedLanes(WEIGHTS, 3, 1_000, 25 * MS);
    lanes.lent();
    lanes.lent();
    lanes.polled(FREE, 1);
    assertThat(lanes.wantedBack()).isZero();
    lanes.started(FREE);

    assertThat(lanes.mayPoll(ENTERPRISE, 0)).isTrue();
    lanes.polled(ENTERPRISE, 1);
    assertThat(lanes.mayStart(ENTERPRISE, 0)).isFalse();
    assertThat(lanes.wantedBack()).isEqualTo(1);
    lanes.returned();

    assertThat(lanes.mayLend()).as("it is for who waits").isFalse();
    assertThat(lanes.mayStart(ENTERPRISE, 0)).isTrue();
    lanes.started(ENTERPRISE);
    assertThat(lanes.wantedBack()).isZero();
    lanes.polled(PRO, 4);
    assertThat(lanes.wantedBack()).isEqualTo(1);
    lanes.pause(PRO, true);
    assertThat(lanes.wantedBack()).isZero();
  }

  @Test
  void jobs_nobody_waits_for_take_no_share_from_full_lanes() {
    var world = new World(5, 4, 100 * MS).withJobsNobodyWaitsFor();
    world.run(1_000 * MS);
    assertThat(world.lentShare()).isGreaterThan(0.75);

    world.backlog(ENTERPRISE, 10_000).backlog(PRO, 10_000).backlog(FREE, 10_000);
    world.run(100 * MS);
    world.forget();
    world.run(40_000 * MS);

    assertThat(world.share(ENTERPRISE)).isCloseTo(0.6, within(0.06));
    assertThat(world.share(PRO)).isCloseTo(0.3, within(0.03));
    assertThat(world.share(FREE)).isCloseTo(0.1, within(0.01));
    assertThat(world.idleShare()).isLessThan(0.1);
    assertThat(world.lentShare()).isLessThan(0.01);
  }

  private static int lent(WeightedLanes lanes) {
    int lent = 0;
    while (lanes.mayLend()) {
      lanes.lent();
      lent++;
    }
    return lent;
  }

  /// A worker with lanes full of jobs of equal length, a poll that takes 3 ms, and records that are
  /// given back after a second; in steps of a millisecond. Jobs nobody waits for go on until their
  /// slot is wanted back, and take 5 ms to stop.
  private static final class World {

    private static final long STEP = MS;
    private static final long POLL = 3 * MS;
    private static final long HOLD = 1_000 * MS;
    private static final long STOP = 5 * MS;

    private final WeightedLanes lanes;
    private final int slots;
    private final int records;
    private final long jobTime;
    private final Map<Tier, Integer> backlog = new EnumMap<>(Tier.class);
    private final Map<Tier, Long> pollEnds = new EnumMap<>(Tier.class);
    private final Map<Tier, Deque<Long>> held = new EnumMap<>(Tier.class);
    private final Map<Tier, Integer> starts = new EnumMap<>(Tier.class);
    private final PriorityQueue<Long> ends = new PriorityQueue<>();
    private final PriorityQueue<Long> returns = new PriorityQueue<>();
    private boolean lending;
    private int lent;
    private long now;
    private long idle;
    private long lentSteps;
    private long steps;
    private int declined;

    World(int slots, int records, long jobTime) {
      this.lanes = new WeightedLanes(WEIGHTS, slots, 1_000, 25 * MS);
      this.slots = slots;
      this.records = records;
      this.jobTime = jobTime;
      for (var tier : Tier.values()) {
        held.put(tier, new ArrayDeque<>());
      }
    }

    World backlog(Tier tier, int jobs) {
      backlog.merge(tier, jobs, Integer::sum);
      return this;
    }

    World withJobsNobodyWaitsFor() {
      lending = true;
      return this;
    }

    void forget() {
      starts.clear();
      declined = 0;
      idle = 0;
      lentSteps = 0;
      steps = 0;
    }

    void run(long time) {
      for (long end = now + time; now < end; now += STEP) {
        while (!ends.isEmpty() && ends.peek() <= now) {
          ends.remove();
          lanes.freed();
        }
        for (var tier : List.of(FREE, PRO, ENTERPRISE)) {
          step(tier);
        }
        lend();
        idle += slots - lanes.used();
        lentSteps += lent;
        steps += slots;
      }
    }

    private void lend() {
      while (!returns.isEmpty() && returns.peek() <= now) {
        returns.remove();
        lanes.returned();
        lent--;
      }
      while (returns.size() < lanes.wantedBack()) {
        returns.add(now + STOP);
      }
      if (lending && lanes.mayLend()) {
        lanes.lent();
        lent++;
      }
    }

    private void step(Tier tier) {
      var mine = held.get(tier);
      var pollEnd = pollEnds.get(tier);
      if (pollEnd != null && now >= pollEnd) {
        pollEnds.remove(tier);
        int count = Math.min(records, backlog.getOrDefault(tier, 0));
        backlog.merge(tier, -count, Integer::sum);
        for (int i = 0; i < count; i++) {
          mine.add(now + HOLD);
        }
        lanes.polled(tier, count);
      }
      while (!mine.isEmpty() && lanes.mayStart(tier, now)) {
        mine.remove();
        lanes.started(tier);
        starts.merge(tier, 1, Integer::sum);
        ends.add(now + jobTime);
      }
      while (!mine.isEmpty() && mine.peek() <= now) {
        mine.remove();
        declined++;
      }
      if (mine.isEmpty() && !pollEnds.containsKey(tier)) {
        lanes.lettingGo(tier);
        if (lanes.mayPoll(tier, now)) {
          lanes.polling(tier);
          pollEnds.put(tier, now + POLL);
        }
      }
    }

    int started() {
      return starts.values().stream().mapToInt(Integer::intValue).sum();
    }

    double share(Tier tier) {
      return (double) starts.getOrDefault(tier, 0) / started();
    }

    double lentShare() {
      return (double) lentSteps / steps;
    }

    double idleShare() {
      return (double) idle / steps;
    }
  }
}
