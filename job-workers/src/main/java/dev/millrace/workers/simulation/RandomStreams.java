package dev.millrace.workers.simulation;

/// Counter-based random numbers: every draw is a pure function of (seed, path, draw), so any part
/// of a simulation can be computed anywhere, in any order, and again.
final class RandomStreams {

  /*
   * The counter is hashed by SplitMix64's finaliser [1] in Stafford's variant 13; a path's key is
   * two rounds of it, a draw one more. Scenarios are deliberately not in the key: all of them see
   * the same futures (common random numbers), so their differences are nearly free of noise.
   *
   * Normals come from a 256-layer ziggurat [2] whose layer and position are disjoint bits of one
   * hash. The rare rejections hash on from the draw's own value, so a draw never depends on its
   * neighbours.
   *
   * Only IEEE 754 arithmetic and StrictMath are used: Math.exp, log and pow may differ between
   * processors, and then so would the answers that callers share.
   *
   * [1] Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014
   * [2] Marsaglia, Tsang: The Ziggurat Method for Generating Random Variables, JSS 5(8), 2000
   */
  private static final long GAMMA = 0x9E3779B97F4A7C15L;

  private static final int LAYERS = 256;
  private static final double TAIL = 3.654152885361009;
  private static final double LAYER_AREA = 0.00492867323399;
  private static final double[] EDGE = new double[LAYERS + 1];
  private static final double[] INSIDE = new double[LAYERS];

  static {
    EDGE[0] = LAYER_AREA / density(TAIL);
    EDGE[1] = TAIL;
    for (int i = 2; i < LAYERS; i++) {
      EDGE[i] =
          StrictMath.sqrt(-2 * StrictMath.log(LAYER_AREA / EDGE[i - 1] + density(EDGE[i - 1])));
    }
    for (int i = 0; i < LAYERS; i++) {
      INSIDE[i] = EDGE[i + 1] / EDGE[i];
    }
  }

  private RandomStreams() {}

  static long key(long seed, long path) {
    return mix(mix(seed + GAMMA) + path * GAMMA);
  }

  static long hash(byte[] text) {
    long hash = mix(text.length + GAMMA);
    for (byte b : text) {
      hash = mix((hash ^ b) + GAMMA);
    }
    return hash;
  }

  /// In [0, 1).
  static double uniform(long key, long draw) {
    return unit(mix(key + (draw + 1) * GAMMA));
  }

  static double gaussian(long key, long draw) {
    long bits = mix(key + (draw + 1) * GAMMA);
    int layer = (int) bits & (LAYERS - 1);
    double across = (bits >> 11) * 0x1p-52;
    if (Math.abs(across) < INSIDE[layer]) {
      return across * EDGE[layer];
    }
    return unlikelyGaussian(bits);
  }

  private static double unlikelyGaussian(long first) {
    long bits = first;
    long state = first;
    while (true) {
      int layer = (int) bits & (LAYERS - 1);
      double across = (bits >> 11) * 0x1p-52;
      double x = across * EDGE[layer];
      if (Math.abs(across) < INSIDE[layer]) {
        return x;
      }
      if (layer == 0) {
        return across < 0 ? -beyondTail(state) : beyondTail(state);
      }
      state += GAMMA;
      double below = StrictMath.exp(-0.5 * (EDGE[layer] * EDGE[layer] - x * x));
      double above = StrictMath.exp(-0.5 * (EDGE[layer + 1] * EDGE[layer + 1] - x * x));
      if (below + unit(mix(state)) * (above - below) < 1) {
        return x;
      }
      state += GAMMA;
      bits = mix(state);
    }
  }

  private static double beyondTail(long from) {
    long state = from;
    while (true) {
      double x = -StrictMath.log(1 - unit(mix(state += GAMMA))) / TAIL;
      double y = -StrictMath.log(1 - unit(mix(state += GAMMA)));
      if (y + y >= x * x) {
        return TAIL + x;
      }
    }
  }

  private static double density(double x) {
    return StrictMath.exp(-0.5 * x * x);
  }

  private static double unit(long bits) {
    return (bits >>> 11) * 0x1p-53;
  }

  private static long mix(long value) {
    long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
