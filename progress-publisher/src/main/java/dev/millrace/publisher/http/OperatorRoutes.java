package dev.millrace.publisher.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.contracts.Command;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.Tier;
import dev.millrace.publisher.history.PostgresHistory;
import dev.millrace.runtime.SettingsTopic;
import dev.millrace.runtime.request.Nearest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import org.eclipse.jetty.http.HttpStatus;

/// What an operator asks of the lanes, and orders.
final class OperatorRoutes {

  private final PostgresHistory history;
  private final SettingsTopic settings;
  private final Commands commands;
  private final InstantSource clock;

  OperatorRoutes(
      PostgresHistory history, SettingsTopic settings, Commands commands, InstantSource clock) {
    this.history = history;
    this.settings = settings;
    this.commands = commands;
    this.clock = clock;
  }

  void lanes(Exchange exchange) {
    var _ = exchange.query();
    ObjectNode json = Json.MAPPER.createObjectNode();
    var lanes = json.putArray("lanes");
    for (var row : history.lanes()) {
      var oldest = row.oldest();
      lanes
          .addObject()
          .put("lane", row.tier().id())
          .put("queued", row.queued())
          .put(
              "oldestQueuedMs",
              oldest == null
                  ? 0
                  : Math.max(0, Duration.between(oldest, clock.instant()).toMillis()))
          .put("running", row.running())
          .put("retrying", row.retrying())
          .put("paused", settings.paused(row.tier()));
    }
    exchange.answerTagged(json);
  }

  void pause(Exchange exchange) {
    var lane = lane(exchange);
    answer(exchange, commands.send(id -> new Command.Pause(id, null, lane)), lane, true);
  }

  void resume(Exchange exchange) {
    var lane = lane(exchange);
    answer(exchange, commands.send(id -> new Command.Resume(id, null, lane)), lane, false);
  }

  private static void answer(Exchange exchange, Commands.Answer answer, Tier lane, boolean paused) {
    var json = answer.json();
    json.put("lane", lane.id());
    json.put("paused", paused);
    exchange.answer(answer.done() ? HttpStatus.OK_200 : HttpStatus.ACCEPTED_202, json);
  }

  private static Tier lane(Exchange exchange) {
    var _ = exchange.query();
    var name = exchange.parameter("tier");
    var known = Arrays.stream(Tier.values()).map(Tier::id).toList();
    return Tier.find(name)
        .orElseThrow(() ->
            Problem.notFound(
                "no lane '" + name + "'" + Nearest.hint(name, known),
                "Lanes are " + String.join(", ", known) + "."));
  }
}
