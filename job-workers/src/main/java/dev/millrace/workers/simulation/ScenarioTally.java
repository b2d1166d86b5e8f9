package dev.millrace.workers.simulation;

import java.util.Arrays;

/// What is remembered of the paths of one scenario. Tallies of different paths can be merged in any
/// order, with the same bits as if one had seen them all.
final class ScenarioTally {

  /*
   * Floating-point sums depend on their order, integers do not, so everything is counted in
   * integers. Adopters come in units of the expected market size, a few at most:
   *
   * - sums in steps of 2^-36: ten million paths stay below 2^63;
   * - where paths end, and its squares, in steps of 2^-18, for standard errors;
   * - a histogram per day over 24 octaves from 2^-22, each cut into 128 equal bins, which is the
   *   top of a double's own bits. The bins are the same every day, and no path ever falls, so the
   *   percentiles read from them never fall either; each lies within 0.8 % of the true one.
   */
  private static final double SUM_STEPS = 0x1p36;
  private static final double END_STEPS = 0x1p18;
  private static final int DROPPED_BITS = 52 - 7;
  private static final int LOWEST = (int) (Double.doubleToRawLongBits(0x1p-22) >>> DROPPED_BITS);
  private static final int BINS = 24 << 7;

  private final int[] bins;
  private final long[] sums;
  private final double[] lowest;
  private final double[] highest;
  private long ends;
  private long endSquares;
  private long gains;
  private long gainSquares;
  private long paths;

  ScenarioTally(int days) {
    this.bins = new int[days * BINS];
    this.sums = new long[days];
    this.lowest = new double[days];
    this.highest = new double[days];
    Arrays.fill(lowest, Double.POSITIVE_INFINITY);
  }

  void addDay(int day, PathBlock block) {
    int offset = day * BINS;
    long sum = 0;
    double low = lowest[day];
    double high = highest[day];
    for (int i = 0; i < block.count(); i++) {
      double adopters = block.adopters(i);
      sum += (long) (adopters * SUM_STEPS);
      low = Math.min(low, adopters);
      high = Math.max(high, adopters);
      bins[offset + bin(adopters)]++;
    }
    sums[day] += sum;
    lowest[day] = low;
    highest[day] = high;
  }

  /// To be called once for a block, after its last day.
  ///
  /// @param baseEnds where each path ended in the base scenario
  void addEnd(int firstPath, PathBlock block, float[] baseEnds) {
    for (int i = 0; i < block.count(); i++) {
      long end = (long) (block.adopters(i) * END_STEPS);
      long gain = (long) ((block.adopters(i) - baseEnds[firstPath + i]) * END_STEPS);
      ends += end;
      endSquares += end * end;
      gains += gain;
      gainSquares += gain * gain;
    }
    paths += block.count();
  }

  void merge(ScenarioTally other) {
    for (int i = 0; i < bins.length; i++) {
      bins[i] += other.bins[i];
    }
    for (int day = 0; day < sums.length; day++) {
      sums[day] += other.sums[day];
      lowest[day] = Math.min(lowest[day], other.lowest[day]);
      highest[day] = Math.max(highest[day], other.highest[day]);
    }
    ends += other.ends;
    endSquares += other.endSquares;
    gains += other.gains;
    gainSquares += other.gainSquares;
    paths += other.paths;
  }

  double mean(int day) {
    return sums[day] / SUM_STEPS / paths;
  }

  /// Of the mean on the last day.
  double standardError() {
    return standardError(ends, endSquares);
  }

  /// Of the mean difference to the base on the last day: small, as both see the same futures.
  double gainStandardError() {
    return standardError(gains, gainSquares);
  }

  double percentile(int day, int percent) {
    double rank = paths * (percent / 100.0);
    int offset = day * BINS;
    int bin = 0;
    long before = 0;
    while (bin < BINS - 1 && before + bins[offset + bin] < rank) {
      before += bins[offset + bin];
      bin++;
    }
    double from = bin == 0 ? 0 : edge(bin);
    double into = bins[offset + bin] == 0 ? 0 : (rank - before) / bins[offset + bin];
    return Math.clamp(from + into * (edge(bin + 1) - from), lowest[day], highest[day]);
  }

  private double standardError(long sum, long squareSum) {
    double mean = (double) sum / paths;
    double variance = (double) squareSum / paths - mean * mean;
    return Math.sqrt(Math.max(0, variance) / paths) / END_STEPS;
  }

  private static int bin(double adopters) {
    int bin = (int) (Double.doubleToRawLongBits(adopters) >>> DROPPED_BITS) - LOWEST;
    return Math.max(0, Math.min(BINS - 1, bin));
  }

  private static double edge(int bin) {
    return Double.longBitsToDouble((long) (bin + LOWEST) << DROPPED_BITS);
  }
}
