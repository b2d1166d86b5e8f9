package dev.millrace.workers.simulation;

/// How unsure the model is, each as the standard deviation of a logarithm. Every factor is
/// lognormal with mean one.
///
/// @param day the daily noise of a path
/// @param size of the market size, once for a path
/// @param innovation of the innovation coefficient, once for a path
/// @param imitation of the imitation coefficient, once for a path
record Uncertainty(double day, double size, double innovation, double imitation) {

  static final Uncertainty NONE = new Uncertainty(0, 0, 0, 0);
  static final Uncertainty DEFAULT = new Uncertainty(0.3, 0.1, 0.2, 0.1);
}
