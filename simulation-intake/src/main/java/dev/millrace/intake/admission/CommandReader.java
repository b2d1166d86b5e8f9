package dev.millrace.intake.admission;

import static dev.millrace.contracts.RejectionCode.E_COMMAND;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.contracts.Command;
import dev.millrace.contracts.Tier;
import dev.millrace.runtime.request.Fields;
import dev.millrace.runtime.request.Identifiers;
import dev.millrace.runtime.request.Invalidations;
import dev.millrace.runtime.request.Nearest;
import dev.millrace.runtime.request.Printable;
import dev.millrace.runtime.request.RejectedException;
import dev.millrace.runtime.request.Rejection;
import dev.millrace.runtime.request.RequestReader;
import dev.millrace.runtime.request.StrictJson;
import dev.millrace.runtime.request.WarmUps;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/// Reads a command as strictly as a request: what it does not understand whole, it refuses.
public final class CommandReader {

  private static final List<String> COMMANDS =
      List.of("cancel", "invalidate", "pause", "resume", "warm-up");
  private static final List<String> LANES = Arrays.stream(Tier.values()).map(Tier::id).toList();

  private static final Set<String> CANCEL = fields("organizationId", "requestId");
  private static final Set<String> INVALIDATE = fields(Invalidations.FIELDS.toArray(String[]::new));
  private static final Set<String> LANE = fields("lane");
  private static final Set<String> WARM_UP = fields(WarmUps.FIELD);

  private final RequestReader requests;

  /// @param requests reads those of a warm-up
  public CommandReader(RequestReader requests) {
    this.requests = requests;
  }

  /// The command with its id and origin, or why it is none.
  public CommandReading read(byte @Nullable [] value, Headers headers, Place place) {
    var id = place.origin().toString();
    var wrong = HeaderRules.check(headers);
    if (wrong.isPresent()) {
      return new CommandReading.Refused(id, wrong.get());
    }
    try {
      var json = StrictJson.parse(value);
      id = idOr(id, json);
      return new CommandReading.Accepted(
          id, command(json, headers, place).admitted(id, place.origin()));
    } catch (RejectedException e) {
      return new CommandReading.Refused(id, e.rejection());
    }
  }

  /// The sender's id where it is one, so that a refusal reaches whoever waits for it.
  static String idOr(String origin, ObjectNode json) {
    JsonNode given = json.path("commandId");
    return Identifiers.isValid(given.asText()) && given.isTextual() ? given.textValue() : origin;
  }

  private Command command(ObjectNode json, Headers headers, Place place) {
    JsonNode given = json.get("command");
    var name = given != null && given.isTextual() ? given.textValue() : "";
    return switch (name) {
      case "cancel" -> cancel(read(json, CANCEL));
      case "invalidate" -> Invalidations.read(read(json, INVALIDATE));
      case "pause" -> new Command.Pause(null, null, lane(read(json, LANE)));
      case "resume" -> new Command.Resume(null, null, lane(read(json, LANE)));
      case "warm-up" -> warmUp(read(json, WARM_UP), headers, place);
      default ->
          throw refuse(
              (given == null ? "missing" : "unknown command " + Printable.quoted(given.asText()))
                  + ": expected one of "
                  + String.join(", ", COMMANDS)
                  + Nearest.hint(name, COMMANDS),
              "command");
    };
  }

  private static Fields read(ObjectNode json, Set<String> known) {
    var fields = new Fields(json, "", known);
    var _ = fields.identifier("commandId");
    return fields;
  }

  private static Command cancel(Fields fields) {
    var organization = fields.identifier("organizationId");
    if ("-".equals(organization)) {
      throw refuse("leave it out for a request without an organization", "organizationId");
    }
    var request = fields.identifier("requestId");
    if (request == null) {
      throw refuse("missing: a cancel names the request", "requestId");
    }
    return new Command.Cancel(null, null, organization, request);
  }

  private Command warmUp(Fields fields, Headers headers, Place place) {
    var trace = TraceParent.of(headers).orElse(null);
    var admitted =
        WarmUps.read(fields, requests).stream()
            .map(wanted ->
                new Command.WarmUp.Warm(
                    wanted.request().admitted(place.name(), place.origin(), trace, null),
                    wanted.given().result()))
            .toList();
    return new Command.WarmUp(null, null, null, admitted);
  }

  private static Tier lane(Fields fields) {
    var lane = fields.choice("lane", LANES, Tier.values());
    if (lane == null) {
      throw refuse("missing: expected one of " + String.join(", ", LANES), "lane");
    }
    return lane;
  }

  private static RejectedException refuse(String message, String field) {
    return new RejectedException(new Rejection(E_COMMAND, message, field));
  }

  private static Set<String> fields(String... own) {
    var fields = new LinkedHashSet<>(List.of("command", "commandId"));
    fields.addAll(List.of(own));
    return fields;
  }
}
