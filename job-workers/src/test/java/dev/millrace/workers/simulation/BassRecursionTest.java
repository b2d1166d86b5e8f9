package dev.millrace.workers.simulation;

import static dev.millrace.workers.simulation.SimulationFixtures.bass;
import static dev.millrace.workers.simulation.SimulationFixtures.market;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The daily recursion against what Bass derived on paper.
class BassRecursionTest {

  @ParameterizedTest
  @CsvSource({"0.0005, 0.015", "0.0025, 0.075", "0.03, 0.38", "0.01, 1e-9", "0.4, 0.9"})
  void without_noise_every_day_is_the_closed_form(double p, double q) {
    PathBlock block = calm(p, q);

    for (int day = 0; day < 365; day++) {
      block.passDay(day, 1, 1);

      assertThat(block.adopters(0)).isCloseTo(bass(p, q, day + 1), within(1e-12));
    }
  }

  @Test
  void adoption_peaks_when_bass_says() {
    double p = 0.002;
    double q = 0.06;
    double peak = StrictMath.log(q / p) / (p + q);
    PathBlock block = calm(p, q);

    double before = 0;
    double most = 0;
    int busiest = 0;
    for (int day = 0; day < 365; day++) {
      block.passDay(day, 1, 1);
      if (block.adopters(0) - before > most) {
        most = block.adopters(0) - before;
        busiest = day;
      }
      before = block.adopters(0);
    }

    assertThat(busiest).isEqualTo((int) peak);
  }

  @Test
  void with_changing_marketing_it_solves_the_differential_equation() {
    double p = 0.002;
    double q = 0.05;
    PathBlock block = calm(p, q);

    double f = 0;
    for (int day = 0; day < 90; day++) {
      double lift = 1 + day % 7;
      double attention = 0.5 + day % 3;
      block.passDay(day, lift, attention);
      f = integrated(f, p * lift, q, attention);

      assertThat(block.adopters(0)).isCloseTo(f, within(1e-11));
    }
  }

  @Test
  void attention_is_business_time() {
    PathBlock block = calm(0.01, 0.1);

    block.passDay(0, 1, 0.25);
    block.passDay(1, 1, 12.5);
    block.passDay(2, 1, 0);

    assertThat(block.adopters(0)).isCloseTo(bass(0.01, 0.1, 12.75), within(1e-13));
  }

  @Test
  void nothing_exceeds_the_market_however_hard_it_is_pushed() {
    PathBlock block = calm(0.5, 0.9);

    for (int day = 0; day < 365; day++) {
      block.passDay(day, 100, 1_000);
    }

    assertThat(block.adopters(0)).isEqualTo(1);
  }

  private static PathBlock calm(double innovation, double imitation) {
    var block = new PathBlock(market(1, innovation, imitation), Uncertainty.NONE, 0, 1);
    block.start(0, 1);
    return block;
  }

  /// Classic Runge-Kutta in small steps: slow, and shares no formula with the recursion.
  private static double integrated(double from, double p, double q, double time) {
    int steps = 400;
    double h = time / steps;
    double f = from;
    for (int i = 0; i < steps; i++) {
      double k1 = rate(f, p, q);
      double k2 = rate(f + h / 2 * k1, p, q);
      double k3 = rate(f + h / 2 * k2, p, q);
      double k4 = rate(f + h * k3, p, q);
      f += h / 6 * (k1 + 2 * k2 + 2 * k3 + k4);
    }
    return f;
  }

  private static double rate(double f, double p, double q) {
    return (p + q * f) * (1 - f);
  }
}
