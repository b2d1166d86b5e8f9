package dev.millrace.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.chaos.Schedule.Planned;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScheduleTest {

  private static final List<Kind> ALL = List.of(Kind.values());
  private static final Duration TEN_MINUTES = Duration.ofMinutes(10);

  @Test
  void the_same_seed_gives_the_same_schedule_and_another_seed_another() {
    assertThat(Schedule.of(7, TEN_MINUTES, ALL)).isEqualTo(Schedule.of(7, TEN_MINUTES, ALL));
    assertThat(Schedule.of(7, TEN_MINUTES, ALL)).isNotEqualTo(Schedule.of(8, TEN_MINUTES, ALL));
  }

  @Test
  void every_kind_comes_before_any_comes_twice() {
    for (long seed = 0; seed < 50; seed++) {
      var faults = Schedule.of(seed, TEN_MINUTES, ALL).faults();

      assertThat(faults).hasSizeGreaterThanOrEqualTo(25);
      assertThat(faults.subList(0, ALL.size()))
          .extracting(Planned::kind)
          .containsExactlyInAnyOrderElementsOf(ALL);
    }
  }

  @Test
  void faults_come_in_order_and_within_the_time() {
    for (long seed = 0; seed < 50; seed++) {
      var times = Schedule.of(seed, Duration.ofMinutes(1), ALL).faults();

      assertThat(times).hasSizeBetween(8, 10).extracting(Planned::atMs).isSorted();
      assertThat(times).allSatisfy(fault -> assertThat(fault.atMs()).isBetween(0L, 60_000L));
    }
  }
}
