package dev.millrace.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/// Which faults come when: a function of the seed, the time and the kinds alone.
record Schedule(List<Planned> faults) {

  private static final Duration CLOSEST = Duration.ofSeconds(6);
  private static final Duration WIDEST = Duration.ofSeconds(20);
  private static final int AIMED_AT = 30;

  Schedule {
    faults = List.copyOf(faults);
  }

  /// One fault.
  ///
  /// @param atMs since the load began
  /// @param victim which of several alike, to be taken modulo their number
  record Planned(long atMs, Kind kind, int victim) {}

  /// Every kind once before any comes twice, in an order that the seed says.
  static Schedule of(long seed, Duration time, List<Kind> kinds) {
    var random = new Random(seed);
    long gap = Math.clamp(time.toMillis() / AIMED_AT, CLOSEST.toMillis(), WIDEST.toMillis());
    var faults = new ArrayList<Planned>();
    var round = new ArrayList<Kind>();
    for (long at = gap / 2; at + gap / 2 <= time.toMillis(); at += gap) {
      if (round.isEmpty()) {
        round.addAll(kinds);
        Collections.shuffle(round, random);
      }
      long shift = random.nextLong(gap / 2);
      faults.add(new Planned(at + shift, round.removeLast(), random.nextInt(1_000)));
    }
    return new Schedule(faults);
  }
}
