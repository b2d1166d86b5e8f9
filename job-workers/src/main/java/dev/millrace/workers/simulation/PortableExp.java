package dev.millrace.workers.simulation;

/// e to the x, with the same bits on every processor, in a form that the compiler can turn into
/// vector instructions.
final class PortableExp {

  /*
   * e^x = (e^(x/64))^64: a Taylor polynomial of degree 9 near zero, then six squarings, which make
   * the rounding error of the polynomial 64 times as large. The relative error is below 5e-14 for
   * |x| <= 8, where nearly all arguments are, and below 1e-7 at the far end.
   */
  static final double LARGEST = 36;

  private PortableExp() {}

  /// For arguments of at most [#LARGEST] either way; nothing checks this.
  static double exp(double x) {
    double y = x * 0x1p-6;
    double sum = 1.0 / 362880;
    sum = sum * y + 1.0 / 40320;
    sum = sum * y + 1.0 / 5040;
    sum = sum * y + 1.0 / 720;
    sum = sum * y + 1.0 / 120;
    sum = sum * y + 1.0 / 24;
    sum = sum * y + 1.0 / 6;
    sum = sum * y + 0.5;
    sum = sum * y + 1;
    sum = sum * y + 1;
    sum *= sum;
    sum *= sum;
    sum *= sum;
    sum *= sum;
    sum *= sum;
    return sum * sum;
  }
}
