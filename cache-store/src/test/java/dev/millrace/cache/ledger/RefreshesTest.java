package dev.millrace.cache.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.contracts.Origin;
import dev.millrace.contracts.RequestHash;
import java.util.Random;
import java.util.function.DoubleSupplier;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RefreshesTest {

  private static final RequestHash HASH = RequestHash.of("0123456789abcdef".repeat(4));
  private static final int DRAWS = 200_000;

  @ParameterizedTest
  @CsvSource({
    "1000, 1000, 1",
    "1000, 1000, 2",
    "4000, 1000, 1",
    "4000, 1000, 0.5",
    "100, 60000, 1",
    "60000, 20000, 3"
  })
  void how_likely_a_refresh_is_follows_the_formula(long leftMs, long runMs, double beta) {
    double formula = Math.exp(-leftMs / (runMs * beta));
    var random = new Random(42);

    assertThat(share(leftMs, runMs, beta, () -> 1 - random.nextDouble()))
        .as("drawn from a generator")
        .isCloseTo(formula, within(deviation(formula)));
    var origins = new Random(43);
    assertThat(
            share(
                leftMs,
                runMs,
                beta,
                () -> Refreshes.draw(HASH, new Origin("topic", 3, origins.nextLong(1L << 40)))))
        .as("drawn from far offsets")
        .isCloseTo(formula, within(deviation(formula)));
    assertThat(offsets(leftMs, runMs, beta))
        .as("drawn from one offset after the other")
        .isCloseTo(formula, within(deviation(formula)));
  }

  @Test
  void draws_fill_the_interval_evenly_and_never_are_zero() {
    var counts = new int[10];
    for (int i = 0; i < DRAWS; i++) {
      double drawn = Refreshes.draw(HASH, new Origin("topic", 0, i));
      assertThat(drawn).isGreaterThan(0).isLessThanOrEqualTo(1);
      counts[(int) Math.min(9, drawn * 10)]++;
    }
    for (int count : counts) {
      assertThat(count).isCloseTo(DRAWS / 10, within(DRAWS / 200));
    }
  }

  @Test
  void the_same_record_always_draws_the_same_and_others_draw_other_numbers() {
    var origin = new Origin("topic", 1, 77);
    double drawn = Refreshes.draw(HASH, origin);

    assertThat(Refreshes.draw(HASH, new Origin("topic", 1, 77))).isEqualTo(drawn);
    assertThat(Refreshes.draw(HASH, new Origin("topic", 1, 78))).isNotEqualTo(drawn);
    assertThat(Refreshes.draw(HASH, new Origin("topic", 2, 77))).isNotEqualTo(drawn);
    assertThat(Refreshes.draw(HASH, new Origin("other", 1, 77))).isNotEqualTo(drawn);
    assertThat(Refreshes.draw(RequestHash.of("f".repeat(64)), origin)).isNotEqualTo(drawn);
  }

  @Test
  void without_beta_or_a_run_nothing_is_refreshed_ahead() {
    assertThat(Refreshes.ahead(0, 1_000, 0, Double.MIN_VALUE)).isFalse();
    assertThat(Refreshes.ahead(1, 0, 100, Double.MIN_VALUE)).isFalse();
    assertThat(Refreshes.ahead(1, 1_000, 1, 1)).isFalse();
  }

  private static double offsets(long leftMs, long runMs, double beta) {
    var offset = new long[1];
    return share(
        leftMs, runMs, beta, () -> Refreshes.draw(HASH, new Origin("topic", 3, offset[0]++)));
  }

  private static double share(long leftMs, long runMs, double beta, DoubleSupplier draws) {
    return DoubleStream.generate(draws)
            .limit(DRAWS)
            .filter(drawn -> Refreshes.ahead(leftMs, runMs, beta, drawn))
            .count()
        / (double) DRAWS;
  }

  /// Five standard deviations of a share of so many draws.
  private static double deviation(double share) {
    return 5 * Math.sqrt(share * (1 - share) / DRAWS);
  }
}
