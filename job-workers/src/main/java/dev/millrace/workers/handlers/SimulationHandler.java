package dev.millrace.workers.handlers;

import dev.millrace.contracts.FailureCode;
import dev.millrace.contracts.Json;
import dev.millrace.workers.simulation.SimulationEngine;
import dev.millrace.workers.simulation.SimulationParams;

/// Answers `simulation`: Monte-Carlo trajectories of a campaign.
public final class SimulationHandler implements JobHandler {

  private final SimulationEngine engine = new SimulationEngine();

  @Override
  public String type() {
    return "simulation";
  }

  @Override
  public JobResult handle(JobContext context) throws JobFailure {
    SimulationParams params;
    try {
      params = SimulationParams.fromJson(context.params());
    } catch (IllegalArgumentException e) {
      throw JobFailure.permanent(
              FailureCode.HANDLER_FAILED.name(), "the params do not fit: " + e.getMessage())
          .causedBy(e);
    }
    var result = engine.run(params, context.progress()::items, context::cancelled);
    return JobResult.of(Json.MAPPER.valueToTree(result));
  }
}
