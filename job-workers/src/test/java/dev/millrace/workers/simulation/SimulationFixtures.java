package dev.millrace.workers.simulation;

import dev.millrace.workers.simulation.SimulationParams.ExternalSignal;
import dev.millrace.workers.simulation.SimulationParams.Scenario;
import java.util.ArrayList;
import java.util.List;

final class SimulationFixtures {

  private SimulationFixtures() {}

  static Builder aSimulation() {
    return new Builder();
  }

  /// Without any marketing: all there is are Bass's three numbers.
  static Market market(double size, double innovation, double imitation) {
    return new Market(size, innovation, imitation, 10, List.of());
  }

  static double bass(double innovation, double imitation, double days) {
    double decay = StrictMath.exp(-(innovation + imitation) * days);
    return (1 - decay) / (1 + imitation / innovation * decay);
  }

  static SimulationResult run(SimulationEngine engine, SimulationParams params) {
    return engine.run(params, (done, total, message) -> {}, () -> false);
  }

  static SimulationResult run(SimulationParams params) {
    return run(new SimulationEngine(), params);
  }

  static final class Builder {

    private final List<Scenario> scenarios = new ArrayList<>();
    private final List<ExternalSignal> signals = new ArrayList<>();
    private String campaignId = "cmp_81";
    private int days = 30;
    private int paths = 2_500;
    private long seed = 7;

    Builder campaign(String campaignId) {
      this.campaignId = campaignId;
      return this;
    }

    Builder days(int days) {
      this.days = days;
      return this;
    }

    Builder paths(int paths) {
      this.paths = paths;
      return this;
    }

    Builder seed(long seed) {
      this.seed = seed;
      return this;
    }

    /// Unless one of them is, a `base` at multiplier 1 comes first.
    Builder scenario(String name, double budgetMultiplier) {
      scenarios.add(new Scenario(name, budgetMultiplier));
      return this;
    }

    Builder signal(String name, double weight) {
      signals.add(new ExternalSignal(name, weight));
      return this;
    }

    SimulationParams build() {
      var asked = new ArrayList<>(scenarios);
      if (asked.stream().noneMatch(Scenario::isBase)) {
        asked.addFirst(new Scenario("base", 1));
      }
      return new SimulationParams(campaignId, days, asked, paths, seed, signals);
    }
  }
}
