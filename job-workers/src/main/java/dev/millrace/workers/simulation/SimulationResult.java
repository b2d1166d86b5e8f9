package dev.millrace.workers.simulation;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// The answer to a simulation; its components are the fields of the job's JSON result.
///
/// @param engine [SimulationEngine#VERSION]
public record SimulationResult(
    String engine,
    String campaignId,
    int timeframeDays,
    int paths,
    long seed,
    Market market,
    List<Outlook> scenarios) {

  public SimulationResult {
    scenarios = List.copyOf(scenarios);
  }

  /// What one scenario leads to.
  ///
  /// @param adopters cumulative, at the end of each day
  /// @param finalAdopters on the last day
  /// @param revenue expected
  /// @param roi (revenue - spend) / spend; null where nothing is spent
  public record Outlook(
      String name,
      double budgetMultiplier,
      Trajectory adopters,
      FinalAdopters finalAdopters,
      double spend,
      double revenue,
      @Nullable Spread roi,
      Uplift uplift) {}

  /// One number a day in each list, from the first day.
  public record Trajectory(
      List<Double> mean, List<Double> p10, List<Double> p50, List<Double> p90) {

    public Trajectory {
      mean = List.copyOf(mean);
      p10 = List.copyOf(p10);
      p50 = List.copyOf(p50);
      p90 = List.copyOf(p90);
    }
  }

  public record FinalAdopters(
      double mean, double standardError, double p10, double p50, double p90) {}

  public record Spread(double mean, double p10, double p50, double p90) {}

  /// Expected difference to the `base` scenario on the last day.
  ///
  /// @param standardError of `adopters`; small, because all scenarios see the same random futures
  /// @param percent of the base's adopters
  /// @param roi what a unit more of spend earns net; null where the spend is the same
  public record Uplift(
      double adopters,
      double standardError,
      double percent,
      double spend,
      double revenue,
      @Nullable Double roi) {}
}
