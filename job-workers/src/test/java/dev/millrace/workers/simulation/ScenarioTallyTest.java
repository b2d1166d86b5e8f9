package dev.millrace.workers.simulation;

import static dev.millrace.workers.simulation.SimulationFixtures.market;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ScenarioTallyTest {

  private static final int DAYS = 40;
  private static final int PATHS = 3_000;

  private final double[][] adopters = new double[DAYS][PATHS];

  @Test
  void percentiles_are_within_a_bin_of_the_exact_ones() {
    ScenarioTally tally = tally(0, PATHS);

    for (int day = 0; day < DAYS; day++) {
      double[] sorted = adopters[day].clone();
      Arrays.sort(sorted);
      for (int percent : new int[] {1, 10, 50, 90, 99}) {
        double exact = sorted[PATHS * percent / 100 - 1];
        assertThat(tally.percentile(day, percent)).isCloseTo(exact, within(0.0079 * exact));
      }
      assertThat(tally.percentile(day, 0)).isEqualTo(sorted[0]);
      assertThat(tally.percentile(day, 100)).isEqualTo(sorted[PATHS - 1]);
    }
  }

  @Test
  void means_and_standard_errors_are_those_of_the_paths() {
    ScenarioTally tally = tally(0, PATHS);

    double[] last = adopters[DAYS - 1];
    double mean = Arrays.stream(last).average().orElseThrow();
    double variance = Arrays.stream(last).map(x -> (x - mean) * (x - mean)).sum() / PATHS;
    assertThat(tally.mean(DAYS - 1)).isCloseTo(mean, within(1e-10));
    assertThat(tally.standardError()).isCloseTo(Math.sqrt(variance / PATHS), within(1e-6));
    assertThat(tally.gainStandardError()).isEqualTo(tally.standardError());
  }

  @Test
  void parts_merge_in_any_order_to_the_bits_of_the_whole() {
    ScenarioTally whole = tally(0, PATHS);

    ScenarioTally merged = tally(2_100, PATHS);
    merged.merge(tally(0, 400));
    merged.merge(new ScenarioTally(DAYS));
    merged.merge(tally(400, 2_100));

    for (int day = 0; day < DAYS; day++) {
      assertThat(merged.mean(day)).isEqualTo(whole.mean(day));
      for (int percent = 0; percent <= 100; percent += 5) {
        assertThat(merged.percentile(day, percent)).isEqualTo(whole.percentile(day, percent));
      }
    }
    assertThat(merged.standardError()).isEqualTo(whole.standardError());
    assertThat(merged.gainStandardError()).isEqualTo(whole.gainStandardError());
  }

  private ScenarioTally tally(int from, int to) {
    var tally = new ScenarioTally(DAYS);
    var block = new PathBlock(market(1, 0.001, 0.2), Uncertainty.DEFAULT, 5, to - from);
    block.start(from, to - from);
    for (int day = 0; day < DAYS; day++) {
      block.passDay(day, 1, 1);
      tally.addDay(day, block);
      for (int i = 0; i < block.count(); i++) {
        adopters[day][from + i] = block.adopters(i);
      }
    }
    tally.addEnd(from, block, new float[PATHS]);
    return tally;
  }
}
