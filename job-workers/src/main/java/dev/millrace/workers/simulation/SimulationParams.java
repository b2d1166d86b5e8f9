package dev.millrace.workers.simulation;

import static java.util.Comparator.comparing;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// What a simulation is asked: the params of the `simulation` type, with every default filled in.
///
/// @param campaignId names the market; everything about it is derived from this text
/// @param scenarios budgets to compare, exactly one of them named `base`
/// @param paths how many random futures are drawn for each scenario
/// @param externalData outside signals that modulate demand over the year; their order means
///   nothing
public record SimulationParams(
    String campaignId,
    int timeframeDays,
    List<Scenario> scenarios,
    int paths,
    long seed,
    List<ExternalSignal> externalData) {

  public SimulationParams {
    check(!campaignId.isEmpty(), "campaignId must not be empty");
    check(
        timeframeDays >= 1 && timeframeDays <= 365,
        "timeframeDays must be 1 to 365, got " + timeframeDays);
    check(
        !scenarios.isEmpty() && scenarios.size() <= 20,
        "scenarios must be 1 to 20, got " + scenarios.size());
    check(paths >= 100 && paths <= 10_000_000, "paths must be 100 to 10,000,000, got " + paths);
    check(
        scenarios.stream().filter(Scenario::isBase).count() == 1,
        "exactly one scenario must be named base");
    scenarios = List.copyOf(scenarios);
    externalData = externalData.stream().sorted(comparing(ExternalSignal::name)).toList();
  }

  /// One budget to try; 1 is the campaign as planned, 0 is word of mouth alone.
  public record Scenario(String name, double budgetMultiplier) {

    public Scenario {
      check(
          budgetMultiplier >= 0 && budgetMultiplier <= 10,
          "budgetMultiplier must be 0 to 10, got " + budgetMultiplier);
    }

    boolean isBase() {
      return name.equals("base");
    }
  }

  /// An outside signal, such as the weather or a holiday calendar.
  public record ExternalSignal(String name, double weight) {

    public ExternalSignal {
      check(weight >= 0 && weight <= 10, "weight must be 0 to 10, got " + weight);
    }
  }

  /// Reads canonical params; a field that is missing gets the type's default.
  public static SimulationParams fromJson(JsonNode params) {
    var scenarios = new ArrayList<Scenario>();
    for (JsonNode scenario : params.path("scenarios")) {
      scenarios.add(
          new Scenario(
              scenario.path("name").asText(), scenario.path("budgetMultiplier").asDouble(1)));
    }
    if (scenarios.isEmpty()) {
      scenarios.add(new Scenario("base", 1));
    }
    var signals = new ArrayList<ExternalSignal>();
    for (JsonNode signal : params.path("externalData")) {
      signals.add(
          new ExternalSignal(signal.path("name").asText(), signal.path("weight").asDouble(1)));
    }
    return new SimulationParams(
        params.path("campaignId").asText(),
        params.path("timeframeDays").asInt(30),
        scenarios,
        params.path("paths").asInt(10_000),
        params.path("seed").asLong(0),
        signals);
  }

  int baseIndex() {
    return IntStream.range(0, scenarios.size())
        .filter(i -> scenarios.get(i).isBase())
        .findFirst()
        .orElseThrow();
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
