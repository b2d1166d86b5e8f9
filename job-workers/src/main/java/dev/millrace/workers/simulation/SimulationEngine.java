package dev.millrace.workers.simulation;

import dev.millrace.workers.simulation.SimulationParams.Scenario;
import dev.millrace.workers.simulation.SimulationResult.Outlook;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/// Draws the futures of a campaign and says how many people adopt what it advertises, day by day,
/// under each budget.
///
/// The answer is a function of the params alone, to the bit: not of the number of threads, the size
/// of the blocks, the machine, or how often it is asked.
public final class SimulationEngine {

  /// Part of every result. A change that alters any answer changes this, and the key recipe of the
  /// `simulation` type with it.
  public static final String VERSION = "bass-1";

  private static final int BLOCK_PATHS = 1_000;

  private final int threads;
  private final int blockPaths;
  private final Uncertainty uncertainty;

  /// Computes on the caller's thread.
  public SimulationEngine() {
    this(1);
  }

  public SimulationEngine(int threads) {
    this(threads, BLOCK_PATHS, Uncertainty.DEFAULT);
  }

  SimulationEngine(int threads, int blockPaths, Uncertainty uncertainty) {
    this.threads = threads;
    this.blockPaths = blockPaths;
    this.uncertainty = uncertainty;
  }

  /// Hears after every block how far the simulation has come, one call at a time, never going back.
  @FunctionalInterface
  public interface Progress {

    void report(long done, long total, String message);
  }

  /// Answers one request, scenario by scenario.
  ///
  /// @param cancelled asked before every block, by any of the threads
  /// @throws CancellationException when `cancelled` says so or the thread is interrupted
  public SimulationResult run(
      SimulationParams params, Progress progress, BooleanSupplier cancelled) {
    return run(params, Market.of(params.campaignId()), progress, cancelled);
  }

  SimulationResult run(
      SimulationParams params, Market market, Progress progress, BooleanSupplier cancelled) {
    List<Scenario> scenarios = params.scenarios();
    int base = params.baseIndex();
    var baseEnds = new float[params.paths()];
    var meter = new Meter(progress, cancelled, params.paths(), scenarios.size());
    var outlooks = new Outlook[scenarios.size()];
    Outlooks comparison = null;
    for (int i : baseFirst(base, scenarios.size())) {
      Scenario scenario = scenarios.get(i);
      var plan = Plan.of(market, params, scenario.budgetMultiplier());
      var run =
          new ScenarioRun(
              plan,
              () -> new PathBlock(market, uncertainty, params.seed(), blockPaths),
              baseEnds,
              i == base,
              meter);
      ScenarioTally tally = run.tally(threads);
      if (comparison == null) {
        comparison = new Outlooks(market, plan, tally);
      }
      outlooks[i] = comparison.outlook(scenario, plan, tally);
    }
    return new SimulationResult(
        VERSION,
        params.campaignId(),
        params.timeframeDays(),
        params.paths(),
        params.seed(),
        market,
        List.of(outlooks));
  }

  private static int[] baseFirst(int base, int scenarios) {
    var others = IntStream.range(0, scenarios).filter(i -> i != base);
    return IntStream.concat(IntStream.of(base), others).toArray();
  }
}
