package dev.millrace.workers.simulation;

/// A block of paths on their way through the days, in flat arrays: nothing is allocated per day.
final class PathBlock {

  /*
   * Bass [1]: of those who have not adopted, a share p + q f does so per unit of time, where f is
   * the share that has:
   *
   *     df/dt = (p + q f)(1 - f)
   *
   * Marketing multiplies p from day to day [2]. Noise and outside signals act as business time: a
   * day of attention a counts for a days. While p and q stand still the equation has an exact
   * solution for any step, so a day is one step without error and no sub-steps are needed:
   *
   *     f' = (b - p e (1 - f)) / (b + q e (1 - f)),   b = p + q f,   e = exp(-(p + q) a)
   *
   * Started at f = 0 with constant p this is Bass's closed form at the sum of all a.
   *
   * [1] Bass: A New Product Growth for Model Consumer Durables, Management Science 15(5), 1969
   * [2] Horsky, Simon: Advertising and the Diffusion of New Products, Marketing Science 2(1), 1983
   */
  private static final int SIZE_DRAW = 0;
  private static final int INNOVATION_DRAW = 1;
  private static final int IMITATION_DRAW = 2;
  private static final int FIRST_DAY_DRAW = 3;

  private final Market market;
  private final Uncertainty uncertainty;
  private final long seed;
  private final long[] key;
  private final double[] size;
  private final double[] innovation;
  private final double[] imitation;
  private final double[] attention;
  private final double[] adopted;
  private int count;

  PathBlock(Market market, Uncertainty uncertainty, long seed, int capacity) {
    this.market = market;
    this.uncertainty = uncertainty;
    this.seed = seed;
    this.key = new long[capacity];
    this.size = new double[capacity];
    this.innovation = new double[capacity];
    this.imitation = new double[capacity];
    this.attention = new double[capacity];
    this.adopted = new double[capacity];
  }

  /// Puts paths `first` to `first + count - 1` before their first day.
  void start(int first, int count) {
    this.count = count;
    for (int i = 0; i < count; i++) {
      key[i] = RandomStreams.key(seed, first + i);
      adopted[i] = 0;
    }
    draw(size, SIZE_DRAW, uncertainty.size(), 1);
    draw(innovation, INNOVATION_DRAW, uncertainty.innovation(), market.innovation());
    draw(imitation, IMITATION_DRAW, uncertainty.imitation(), market.imitation());
  }

  void passDay(int day, double lift, double dayAttention) {
    draw(attention, FIRST_DAY_DRAW + day, uncertainty.day(), dayAttention);
    for (int i = 0; i < count; i++) {
      double p = innovation[i] * lift;
      double q = imitation[i];
      double f = adopted[i];
      double elapsed = Math.min((p + q) * attention[i], PortableExp.LARGEST);
      double left = PortableExp.exp(-elapsed) * (1 - f);
      double b = p + q * f;
      adopted[i] = Math.max(f, (b - p * left) / (b + q * left));
    }
  }

  int capacity() {
    return key.length;
  }

  int count() {
    return count;
  }

  /// How many have adopted on a path, in units of the expected market size.
  double adopters(int i) {
    return size[i] * adopted[i];
  }

  void keepEnds(float[] ends, int first) {
    for (int i = 0; i < count; i++) {
      ends[first + i] = (float) adopters(i);
    }
  }

  private void draw(double[] into, int draw, double deviation, double mean) {
    double centre = -0.5 * deviation * deviation;
    for (int i = 0; i < count; i++) {
      into[i] = RandomStreams.gaussian(key[i], draw);
    }
    for (int i = 0; i < count; i++) {
      into[i] = mean * PortableExp.exp(centre + deviation * into[i]);
    }
  }
}
