package dev.millrace.workers.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class RandomStreamsTest {

  private static final int DRAWS = 1_000_000;

  @Test
  void a_draw_depends_on_seed_path_and_number_and_on_nothing_else() {
    long key = RandomStreams.key(3, 14);

    assertThat(RandomStreams.gaussian(key, 15)).isEqualTo(RandomStreams.gaussian(key, 15));
    assertThat(RandomStreams.gaussian(key, 15)).isNotEqualTo(RandomStreams.gaussian(key, 16));
    assertThat(key).isNotEqualTo(RandomStreams.key(3, 15)).isNotEqualTo(RandomStreams.key(4, 14));
  }

  @Test
  void keys_of_many_paths_and_seeds_are_all_different() {
    long distinct =
        LongStream.range(0, 200)
            .flatMap(
                seed -> LongStream.range(0, 1_000).map(path -> RandomStreams.key(seed - 100, path)))
            .distinct()
            .count();

    assertThat(distinct).isEqualTo(200_000);
  }

  @Test
  void normals_have_the_moments_and_the_tails_of_a_normal() {
    double[] powers = new double[5];
    int beyondTwo = 0;
    int beyondTheLastLayer = 0;
    for (int i = 0; i < DRAWS; i++) {
      double z = RandomStreams.gaussian(RandomStreams.key(1, i), 3);
      for (int k = 1; k <= 4; k++) {
        powers[k] += Math.pow(z, k) / DRAWS;
      }
      beyondTwo += Math.abs(z) > 2 ? 1 : 0;
      beyondTheLastLayer += Math.abs(z) > 3.654152885361009 ? 1 : 0;
    }

    assertThat(powers[1]).isCloseTo(0, within(0.004));
    assertThat(powers[2]).isCloseTo(1, within(0.006));
    assertThat(powers[3]).isCloseTo(0, within(0.016));
    assertThat(powers[4]).isCloseTo(3, within(0.04));
    assertThat(beyondTwo).isCloseTo(45_500, within(850));
    assertThat(beyondTheLastLayer).isCloseTo(258, within(65));
  }

  @Test
  void normals_fill_every_part_of_the_curve_evenly() {
    double[] quantiles = {-1.2815515655, -0.8416212336, -0.5244005127, -0.2533471031, 0};
    int[] below = new int[quantiles.length];
    for (int i = 0; i < DRAWS; i++) {
      double z = RandomStreams.gaussian(RandomStreams.key(2, 5), i);
      for (int q = 0; q < quantiles.length; q++) {
        below[q] += z < quantiles[q] ? 1 : 0;
      }
    }

    for (int q = 0; q < quantiles.length; q++) {
      assertThat(below[q]).isCloseTo(100_000 * (q + 1), within(2_000));
    }
  }

  @Test
  void neighbouring_paths_and_days_have_nothing_in_common() {
    double acrossPaths = 0;
    double acrossDays = 0;
    for (int i = 0; i < DRAWS; i++) {
      long key = RandomStreams.key(9, i);
      double z = RandomStreams.gaussian(key, 3);
      acrossPaths += z * RandomStreams.gaussian(RandomStreams.key(9, i + 1), 3) / DRAWS;
      acrossDays += z * RandomStreams.gaussian(key, 4) / DRAWS;
    }

    assertThat(acrossPaths).isCloseTo(0, within(0.004));
    assertThat(acrossDays).isCloseTo(0, within(0.004));
  }

  @Test
  void exp_is_as_exact_as_it_says() {
    for (double x = -8; x <= 8; x += 0.001) {
      double exact = StrictMath.exp(x);
      assertThat(PortableExp.exp(x)).isCloseTo(exact, within(5e-14 * exact));
    }
    double least = StrictMath.exp(-PortableExp.LARGEST);
    assertThat(PortableExp.exp(-PortableExp.LARGEST)).isCloseTo(least, within(1e-7 * least));
    assertThat(PortableExp.exp(0)).isEqualTo(1);
  }
}
