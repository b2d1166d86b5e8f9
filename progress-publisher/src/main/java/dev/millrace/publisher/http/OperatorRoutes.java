package dev.millrace.publisher.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.contracts.Command;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.RejectionCode;
import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.Tier;
import dev.millrace.publisher.history.PostgresHistory;
import dev.millrace.runtime.SettingsTopic;
import dev.millrace.runtime.request.Nearest;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpStatus;
import org.jspecify.annotations.Nullable;

/// What an operator asks and orders: lanes and the cache.
final class OperatorRoutes {

  private static final List<String> SELECTORS = List.of("tag", "type", "hash");
  private static final Pattern TAG = Pattern.compile("[A-Za-z0-9._:-]{1,128}");
  private static final Pattern TYPE = Pattern.compile("[a-z0-9-]{1,64}");

  private final PostgresHistory history;
  private final SettingsTopic settings;
  private final Commands commands;
  private final InstantSource clock;
  private final int maxBodyBytes;

  OperatorRoutes(
      PostgresHistory history,
      SettingsTopic settings,
      Commands commands,
      InstantSource clock,
      int maxBodyBytes) {
    this.history = history;
    this.settings = settings;
    this.commands = commands;
    this.clock = clock;
    this.maxBodyBytes = maxBodyBytes;
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

  void invalidate(Exchange exchange) throws IOException {
    var _ = exchange.query();
    var selector = selector(exchange.body(maxBodyBytes));
    var tag = matching(selector, "tag", TAG);
    var type = matching(selector, "type", TYPE);
    var hash = hash(selector);
    var answer = commands.send(id -> new Command.Invalidate(id, null, tag, type, hash, null, null));
    exchange.answer(answer.done() ? HttpStatus.OK_200 : HttpStatus.ACCEPTED_202, answer.json());
  }

  private static ObjectNode selector(byte[] body) {
    JsonNode tree;
    try {
      tree = Json.MAPPER.readTree(body);
    } catch (IOException e) {
      throw Problem.of(HttpStatus.BAD_REQUEST_400, RejectionCode.E_JSON, "the body is not JSON");
    }
    if (!(tree instanceof ObjectNode selector)) {
      throw Problem.of(
          HttpStatus.BAD_REQUEST_400, RejectionCode.E_NOT_OBJECT, "expected an object");
    }
    selector
        .fieldNames()
        .forEachRemaining(name -> {
          if (!SELECTORS.contains(name)) {
            throw Problem.badField(
                RejectionCode.E_UNKNOWN_FIELD,
                name,
                "unknown field" + Nearest.hint(name, SELECTORS));
          }
        });
    if (selector.size() != 1) {
      throw Problem.of(
          HttpStatus.BAD_REQUEST_400,
          RejectionCode.E_COMMAND,
          "expected exactly one of " + String.join(", ", SELECTORS));
    }
    return selector;
  }

  private static @Nullable String matching(ObjectNode selector, String field, Pattern pattern) {
    var node = selector.get(field);
    if (node == null) {
      return null;
    }
    if (!node.isTextual() || !pattern.matcher(node.textValue()).matches()) {
      throw Problem.badField(RejectionCode.E_COMMAND, field, "expected " + pattern.pattern());
    }
    return node.textValue();
  }

  private static @Nullable RequestHash hash(ObjectNode selector) {
    var node = selector.get("hash");
    if (node == null) {
      return null;
    }
    try {
      return RequestHash.of(node.asText());
    } catch (IllegalArgumentException _) {
      throw Problem.badField(RejectionCode.E_COMMAND, "hash", "expected 64 lower-case hex digits");
    }
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
