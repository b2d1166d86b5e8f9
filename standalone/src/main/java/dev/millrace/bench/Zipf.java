package dev.millrace.bench;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/// Draws keys by Zipf's law with exponent 1.
final class Zipf {

  private final double[] cumulated;

  Zipf(int keys) {
    cumulated = new double[keys];
    double sum = 0;
    for (int rank = 0; rank < keys; rank++) {
      sum += 1.0 / (rank + 1);
      cumulated[rank] = sum;
    }
  }

  int draw(RandomGenerator random) {
    int found = Arrays.binarySearch(cumulated, random.nextDouble(cumulated[cumulated.length - 1]));
    return found >= 0 ? found : -found - 1;
  }
}
