package dev.millrace.workers.simulation;

import dev.millrace.workers.simulation.SimulationParams.ExternalSignal;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// What is certain about a scenario, day by day: what is spent, what the spending does to
/// innovation, and how outside signals stretch or shrink a day.
final class Plan {

  private static final double[] SIGNAL_PERIODS = {7, 30.4375, 91.3125, 365.25};
  private static final double SIGNAL_AMPLITUDE = 0.15;
  private static final double STRONGEST_SIGNAL = 3;

  private final double[] lift;
  private final double[] attention;
  private final double spend;

  private Plan(double[] lift, double[] attention, double spend) {
    this.lift = lift;
    this.attention = attention;
    this.spend = spend;
  }

  static Plan of(Market market, SimulationParams params, double budgetMultiplier) {
    int days = params.timeframeDays();
    List<Channel> channels = market.channels();
    var lift = new double[days];
    var attention = new double[days];
    var stock = new double[channels.size()];
    double total = 0;
    for (int day = 0; day < days; day++) {
      double lifted = 1;
      for (int c = 0; c < stock.length; c++) {
        Channel channel = channels.get(c);
        double spend = channel.spendOn(day, budgetMultiplier);
        stock[c] = channel.stockAfter(stock[c], spend);
        lifted += channel.liftAt(stock[c]);
        total += spend;
      }
      lift[day] = lifted;
      attention[day] = attention(params.externalData(), day);
    }
    return new Plan(lift, attention, total);
  }

  int days() {
    return lift.length;
  }

  /// Factor on the innovation coefficient; exactly 1 without a budget.
  double lift(int day) {
    return lift[day];
  }

  /// How many ordinary days this day counts for; exactly 1 without signals.
  double attention(int day) {
    return attention[day];
  }

  double spend() {
    return spend;
  }

  private static double attention(List<ExternalSignal> signals, int day) {
    double strength = 0;
    for (ExternalSignal signal : signals) {
      long key = RandomStreams.hash(signal.name().getBytes(StandardCharsets.UTF_8));
      double period = SIGNAL_PERIODS[(int) (RandomStreams.uniform(key, 0) * SIGNAL_PERIODS.length)];
      double phase = RandomStreams.uniform(key, 1);
      strength += signal.weight() * StrictMath.sin(2 * Math.PI * (day / period + phase));
    }
    double bounded = Math.clamp(SIGNAL_AMPLITUDE * strength, -STRONGEST_SIGNAL, STRONGEST_SIGNAL);
    return StrictMath.exp(bounded);
  }
}
