package dev.millrace.workers.simulation;

/// One channel of the marketing mix.
///
/// @param dailySpend on a day it is bought, at budget multiplier 1
/// @param flightDays on how many days of every fortnight it is bought
/// @param carryOver share of the advertising stock that is still felt a day later (geometric
///   adstock)
/// @param halfSaturation advertising stock at which half of the lift is reached
/// @param shape steepness of the Hill curve around that point
/// @param lift how much a saturated channel adds to the innovation coefficient, as a multiple of it
public record Channel(
    String name,
    double dailySpend,
    int flightDays,
    double carryOver,
    double halfSaturation,
    double shape,
    double lift) {

  static final int FORTNIGHT = 14;

  double spendOn(int day, double budgetMultiplier) {
    return day % FORTNIGHT < flightDays ? dailySpend * budgetMultiplier : 0;
  }

  /// Scaled so that a steady spend settles at a stock of its own size.
  double stockAfter(double stock, double spend) {
    return carryOver * stock + (1 - carryOver) * spend;
  }

  double liftAt(double stock) {
    if (stock <= 0) {
      return 0;
    }
    double power = StrictMath.pow(stock, shape);
    return lift * power / (power + StrictMath.pow(halfSaturation, shape));
  }
}
