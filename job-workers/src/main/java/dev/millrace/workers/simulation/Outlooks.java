package dev.millrace.workers.simulation;

import static dev.millrace.workers.simulation.Market.round;

import dev.millrace.workers.simulation.SimulationParams.Scenario;
import dev.millrace.workers.simulation.SimulationResult.FinalAdopters;
import dev.millrace.workers.simulation.SimulationResult.Outlook;
import dev.millrace.workers.simulation.SimulationResult.Spread;
import dev.millrace.workers.simulation.SimulationResult.Trajectory;
import dev.millrace.workers.simulation.SimulationResult.Uplift;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Turns tallies into people and money, compared with the base scenario.
final class Outlooks {

  private final Market market;
  private final double baseAdopters;
  private final double baseSpend;

  Outlooks(Market market, Plan basePlan, ScenarioTally baseTally) {
    this.market = market;
    this.baseAdopters = market.size() * baseTally.mean(basePlan.days() - 1);
    this.baseSpend = basePlan.spend();
  }

  Outlook outlook(Scenario scenario, Plan plan, ScenarioTally tally) {
    int last = plan.days() - 1;
    double mean = market.size() * tally.mean(last);
    double p10 = market.size() * tally.percentile(last, 10);
    double p50 = market.size() * tally.percentile(last, 50);
    double p90 = market.size() * tally.percentile(last, 90);
    return new Outlook(
        scenario.name(),
        scenario.budgetMultiplier(),
        new Trajectory(
            daily(plan, tally::mean),
            daily(plan, day -> tally.percentile(day, 10)),
            daily(plan, day -> tally.percentile(day, 50)),
            daily(plan, day -> tally.percentile(day, 90))),
        new FinalAdopters(
            round(mean, 2),
            round(market.size() * tally.standardError(), 4),
            round(p10, 2),
            round(p50, 2),
            round(p90, 2)),
        round(plan.spend(), 2),
        round(revenue(mean), 2),
        plan.spend() == 0
            ? null
            : new Spread(
                roi(mean, plan.spend()),
                roi(p10, plan.spend()),
                roi(p50, plan.spend()),
                roi(p90, plan.spend())),
        uplift(mean, plan.spend(), tally.gainStandardError()));
  }

  private Uplift uplift(double adopters, double spend, double standardError) {
    double gained = adopters - baseAdopters;
    double spent = spend - baseSpend;
    @Nullable Double roi = spent == 0 ? null : round((revenue(gained) - spent) / spent, 4);
    return new Uplift(
        round(gained, 2),
        round(market.size() * standardError, 4),
        round(100 * gained / baseAdopters, 4),
        round(spent, 2),
        round(revenue(gained), 2),
        roi);
  }

  private List<Double> daily(Plan plan, IntToDoubleFunction share) {
    return IntStream.range(0, plan.days())
        .mapToObj(day -> round(market.size() * share.applyAsDouble(day), 2))
        .toList();
  }

  private double revenue(double adopters) {
    return adopters * market.valuePerAdopter();
  }

  private double roi(double adopters, double spend) {
    return round((revenue(adopters) - spend) / spend, 4);
  }
}
