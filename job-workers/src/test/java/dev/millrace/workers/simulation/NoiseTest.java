package dev.millrace.workers.simulation;

import static dev.millrace.workers.simulation.SimulationFixtures.aSimulation;
import static dev.millrace.workers.simulation.SimulationFixtures.bass;
import static dev.millrace.workers.simulation.SimulationFixtures.market;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.workers.simulation.SimulationResult.FinalAdopters;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/// Monte-Carlo means against expectations that can be worked out without drawing anything.
class NoiseTest {

  private static final double SIZE = 1_000_000;
  private static final int PATHS = 200_000;
  private static final double STANDARD_ERRORS = 3.5;

  @Test
  void one_noisy_day_has_the_expected_mean() {
    double p = 0.05;
    double q = 0.8;

    var drawn = simulated(1, p, q, new Uncertainty(0.6, 0, 0, 0));

    double expected = expectation(0.6, day -> bass(p, q, day));
    assertThat(drawn.mean()).isCloseTo(SIZE * expected, within(tolerance(drawn)));
  }

  @Test
  void without_imitation_the_days_are_independent_factors() {
    double p = 0.02;

    var drawn = simulated(60, p, 1e-12, new Uncertainty(0.5, 0, 0, 0));

    double stays = expectation(0.5, day -> StrictMath.exp(-p * day));
    double expected = 1 - StrictMath.pow(stays, 60);
    assertThat(drawn.mean()).isCloseTo(SIZE * expected, within(tolerance(drawn)));
  }

  @Test
  void small_daily_noise_stays_around_the_closed_form() {
    double p = 0.003;
    double q = 0.08;
    double deviation = 0.1;

    var drawn = simulated(30, p, q, new Uncertainty(deviation, 0, 0, 0));

    double variance = 30 * (StrictMath.exp(deviation * deviation) - 1);
    double curvature = bass(p, q, 30.5) - 2 * bass(p, q, 30) + bass(p, q, 29.5);
    double expected = bass(p, q, 30) + 0.5 * variance * curvature / 0.25;
    assertThat(drawn.mean()).isCloseTo(SIZE * expected, within(tolerance(drawn)));
    assertThat(drawn.mean()).isCloseTo(SIZE * bass(p, q, 30), within(0.01 * drawn.mean()));
  }

  @Test
  void uncertain_coefficients_have_the_expected_mean() {
    double p = 0.004;
    double q = 0.05;

    var drawn = simulated(40, p, q, new Uncertainty(0, 0.1, 0.2, 0.15));

    double expected = expectation(0.2, x -> expectation(0.15, y -> bass(p * x, q * y, 40)));
    assertThat(drawn.mean()).isCloseTo(SIZE * expected, within(tolerance(drawn)));
  }

  @Test
  void the_market_size_moves_everything_and_nothing_on_average() {
    var drawn = simulated(365, 0.3, 0.5, new Uncertainty(0, 0.25, 0, 0));

    assertThat(drawn.mean()).isCloseTo(SIZE, within(tolerance(drawn)));
    double deviation = Math.sqrt(StrictMath.exp(0.25 * 0.25) - 1);
    assertThat(drawn.standardError() * Math.sqrt(PATHS))
        .isCloseTo(SIZE * deviation, within(SIZE * 0.003));
    double median = StrictMath.exp(-0.5 * 0.25 * 0.25);
    double tenth = StrictMath.exp(-1.2815515655446004 * 0.25);
    assertThat(drawn.p50()).isCloseTo(SIZE * median, within(SIZE * 0.004));
    assertThat(drawn.p10()).isCloseTo(SIZE * median * tenth, within(SIZE * 0.004));
    assertThat(drawn.p90()).isCloseTo(SIZE * median / tenth, within(SIZE * 0.004));
  }

  private static FinalAdopters simulated(
      int days, double innovation, double imitation, Uncertainty uncertainty) {
    return new SimulationEngine(1, 1_000, uncertainty)
        .run(
            aSimulation().days(days).paths(PATHS).seed(20).build(),
            market(SIZE, innovation, imitation),
            (done, total, message) -> {},
            () -> false)
        .scenarios()
        .getFirst()
        .finalAdopters();
  }

  private static double tolerance(FinalAdopters drawn) {
    return STANDARD_ERRORS * drawn.standardError();
  }

  /// Of a function of a lognormal factor with mean one, by the trapezoidal rule, which is very
  /// exact for anything that a normal density fades out.
  private static double expectation(double deviation, DoubleUnaryOperator function) {
    double step = 1 / 16.0;
    double sum = 0;
    for (double z = -9; z <= 9; z += step) {
      double factor = StrictMath.exp(deviation * z - 0.5 * deviation * deviation);
      sum += StrictMath.exp(-0.5 * z * z) * function.applyAsDouble(factor);
    }
    return sum * step / StrictMath.sqrt(2 * Math.PI);
  }
}
