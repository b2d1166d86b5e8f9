package dev.millrace.publisher.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.contracts.Command;
import dev.millrace.contracts.Command.WarmUp.Item;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.RejectionCode;
import dev.millrace.contracts.Topics;
import dev.millrace.publisher.history.PostgresQuestions;
import dev.millrace.runtime.request.Fields;
import dev.millrace.runtime.request.RejectedException;
import dev.millrace.runtime.request.Rejection;
import dev.millrace.runtime.request.RequestReader;
import dev.millrace.runtime.request.StrictJson;
import dev.millrace.runtime.request.WarmUps;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.eclipse.jetty.http.HttpStatus;

/// Has answers known before anybody asks: those to the requests of the body, or to the questions
/// that the history knows as the most asked.
final class WarmUpRoute {

  private static final Set<String> BODY = new LinkedHashSet<>(List.of(WarmUps.FIELD, "history"));

  private final RequestReader reader;
  private final PostgresQuestions questions;
  private final Commands commands;
  private final Topics topics;
  private final int maxBodyBytes;

  WarmUpRoute(
      RequestReader reader,
      PostgresQuestions questions,
      Commands commands,
      Topics topics,
      int maxBodyBytes) {
    this.reader = reader;
    this.questions = questions;
    this.commands = commands;
    this.topics = topics;
    this.maxBodyBytes = maxBodyBytes;
  }

  void handle(Exchange exchange) {
    var _ = exchange.query();
    byte[] bytes = exchange.body(maxBodyBytes);
    try {
      var body = StrictJson.parse(bytes);
      var fields = new Fields(body, "", BODY);
      if (body.size() != 1) {
        throw new RejectedException(
            new Rejection(
                RejectionCode.E_COMMAND,
                "a warm-up names either requests or a part of the history",
                ""));
      }
      if (body.has("history")) {
        fromHistory(exchange, fields);
      } else {
        var given = WarmUps.read(fields, reader).stream().map(WarmUps.Wanted::given).toList();
        answer(exchange, send(given));
      }
    } catch (RejectedException e) {
      throw Problem.of(e.rejection())
          .next(
              tooMuch(e.rejection()) && requests(bytes) > 1
                  ? "Send fewer at once; ./millrace cache warm-up FILE does so by itself."
                  : "Send {\"requests\":[{\"request\":{…},\"result\":…}]}, or"
                      + " {\"history\":{\"type\":…,\"from\":…,\"limit\":100}}.");
    }
  }

  /// Whether it is the whole that is too large. What a token too many belongs to does not matter.
  private static boolean tooMuch(Rejection rejection) {
    return rejection.code() == RejectionCode.E_TOKENS
        || (rejection.code() == RejectionCode.E_SIZE && rejection.field().isEmpty());
  }

  /// How many requests a body has that is refused.
  private static int requests(byte[] body) {
    try {
      return Json.MAPPER.readTree(body).path(WarmUps.FIELD).size();
    } catch (IOException _) {
      return 0;
    }
  }

  /// As many of them as one command holds.
  private void fromHistory(Exchange exchange, Fields fields) {
    var query = PopularQuestions.read(fields);
    var rows = questions.mostAsked(query.among(), query.limit());
    var items =
        rows.stream()
            .flatMap(row -> PopularQuestions.asked(row, reader).stream())
            .map(request -> new Item(request, null))
            .toList();
    if (items.isEmpty()) {
      throw Problem.notFound(
          "the history has no such requests whose params it keeps",
          "GET /v1/requests lists what it has; name fewer of type, organizationId, status, from"
              + " and to.");
    }
    var first = WarmUps.split(items).getFirst();
    var answer = send(first);
    answer.put("requests", first.size()).put("leftOut", rows.size() - first.size());
    answer(exchange, answer);
  }

  private ObjectNode send(List<Item> items) {
    return commands.send(id -> readable(new Command.WarmUp(id, null, items, null))).json();
  }

  /// A command is a little longer than the body it comes from, and intake reads it as strictly.
  private Command readable(Command command) {
    var _ = StrictJson.parse(topics.commands().serde().write(command));
    return command;
  }

  private static void answer(Exchange exchange, ObjectNode answer) {
    boolean done = answer.path("done").asBoolean();
    exchange.answer(done ? HttpStatus.OK_200 : HttpStatus.ACCEPTED_202, answer);
  }
}
