package dev.millrace.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.Tier;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the demo asks: real simulations over three tiers, asked again while they run and
/// afterwards, one program that always fails, one simulation nobody waits for to the end, and one
/// broken record.
final class DemoWorkload {

  static final int DISTINCT = 16;
  static final int WHILE_RUNNING = 22;
  static final int AFTERWARDS = 24;

  /// The program of the failing job; the demo allows this one and no other.
  static final String FAILING_PROGRAM = "false";

  private static final Tier[] TIERS = Tier.values();
  private static final String[] ORGANIZATIONS = {"org_atlas", "org_birch", "org_cedar"};

  /// Who asks for the endless simulation, and cancels it.
  static final String CANCELLING = ORGANIZATIONS[1];

  private final String run;
  private int number;

  /// @param run makes the request ids of this demo unlike those of an earlier one
  DemoWorkload(String run) {
    this.run = run;
  }

  /// One record for a request topic.
  ///
  /// @param requestId null for the broken one
  record Ask(Tier tier, @Nullable String requestId, String type, String value) {}

  /// Sixteen different questions, from a tenth of a second to a few seconds of computing.
  List<Ask> distinct() {
    var asks = new ArrayList<Ask>();
    for (int i = 0; i < DISTINCT; i++) {
      asks.add(simulation(i, i));
    }
    return asks;
  }

  /// The longer ones again, by others and in other tiers, while they run or wait.
  List<Ask> whileRunning() {
    var asks = new ArrayList<Ask>();
    for (int i = 0; i < WHILE_RUNNING; i++) {
      asks.add(simulation(i % 12, i + 1));
    }
    return asks;
  }

  /// All of them again when the answers are known.
  List<Ask> afterwards() {
    var asks = new ArrayList<Ask>();
    for (int i = 0; i < AFTERWARDS; i++) {
      asks.add(simulation(i % DISTINCT, i + 2));
    }
    return asks;
  }

  /// In the best tier, so that its eleven seconds of backoff begin at once.
  Ask failing() {
    var request = request("command", ORGANIZATIONS[0]).put("maxAttempts", 3);
    var params = request.putObject("params").put("program", FAILING_PROGRAM);
    params.putArray("args").add(run);
    return ask(Tier.ENTERPRISE, request);
  }

  /// Minutes of computing, to be cancelled.
  Ask endless() {
    var request = request("simulation", CANCELLING);
    var params =
        request
            .putObject("params")
            .put("campaignId", "cmp_endless_" + run)
            .put("timeframeDays", 365)
            .put("paths", 1_000_000);
    scenarios(params, 20);
    return ask(Tier.PRO, request);
  }

  Ask broken() {
    var text = "{\"type\":\"simulation\",\"params\":{\"campaignId\":\"cmp_1\",}}";
    return new Ask(Tier.FREE, null, "simulation", text);
  }

  /// The `which`th question, asked by the `asker`th caller. Large ones first.
  private Ask simulation(int which, int asker) {
    var request = request("simulation", ORGANIZATIONS[asker % ORGANIZATIONS.length]);
    request.putObject("cache").put("scope", "global");
    var params =
        request
            .putObject("params")
            .put("campaignId", "cmp_" + (80 + which))
            .put("timeframeDays", 30 + 5 * which)
            .put("seed", which);
    int days = params.path("timeframeDays").asInt();
    int scenarios = 1 + which % 4;
    params.put("paths", steps(which) / days / scenarios);
    scenarios(params, scenarios);
    return ask(TIERS[asker % TIERS.length], request);
  }

  private static int steps(int which) {
    if (which < 6) {
      return 14_000_000;
    }
    return which < 12 ? 6_000_000 : 1_500_000;
  }

  private static void scenarios(ObjectNode params, int count) {
    var scenarios = params.putArray("scenarios");
    scenarios.addObject().put("name", "base");
    for (int i = 1; i < count; i++) {
      scenarios
          .addObject()
          .put("name", "budget+" + i * 10 + "%")
          .put("budgetMultiplier", (10 + i) / 10.0);
    }
  }

  private ObjectNode request(String type, String organization) {
    return Json.MAPPER
        .createObjectNode()
        .put("type", type)
        .put("organizationId", organization)
        .put("userId", "usr_" + (number % 7))
        .put("requestId", "%s-%02d".formatted(run, ++number));
  }

  private static Ask ask(Tier tier, ObjectNode request) {
    return new Ask(
        tier,
        request.path("requestId").asText(),
        request.path("type").asText(),
        request.toString());
  }
}
