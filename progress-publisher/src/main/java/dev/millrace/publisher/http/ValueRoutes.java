package dev.millrace.publisher.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.contracts.Completion;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.RejectionCode;
import dev.millrace.runtime.request.Fields;
import dev.millrace.runtime.request.RejectedException;
import dev.millrace.runtime.request.StrictJson;
import java.util.List;
import java.util.Set;
import org.eclipse.jetty.http.HttpStatus;

/// Values that callers keep. Each call is a command, as on the topic; a computation is a request.
final class ValueRoutes {

  private static final List<String> KEPT_AS = List.of("ttlMs", "ttl");
  private static final Set<String> SET = Set.of("value", "ifAbsent", "ttlMs", "ttl", "commandId");
  private static final Set<String> COMPUTE = Set.of("request", "ttlMs", "ttl");

  private final ValueCalls values;
  private final SubmitRoute submit;
  private final int maxBodyBytes;

  ValueRoutes(ValueCalls values, SubmitRoute submit, int maxBodyBytes) {
    this.values = values;
    this.submit = submit;
    this.maxBodyBytes = maxBodyBytes;
  }

  void command(Exchange exchange) {
    var _ = exchange.query();
    exchange.answer(HttpStatus.OK_200, values.call(body(exchange)));
  }

  void get(Exchange exchange) {
    var _ = exchange.query();
    var reply = values.call(op("get", exchange));
    if (!reply.path("found").booleanValue()) {
      throw Problem.notFound("there is no value under this key", "PUT sets one.");
    }
    exchange.answerTagged(reply.without(List.of("commandId", "at")));
  }

  void set(Exchange exchange) {
    var _ = exchange.query();
    var body = checked(body(exchange), SET);
    exchange.answer(HttpStatus.OK_200, values.call(op("set", exchange).setAll(body)));
  }

  void delete(Exchange exchange) {
    var _ = exchange.query();
    exchange.answer(HttpStatus.OK_200, values.call(op("delete", exchange)));
  }

  /// Gets the value, or has it computed and keeps it. Those who ask at once join one computation,
  /// as with any request; who keeps it first wins.
  void compute(Exchange exchange) {
    var _ = exchange.query();
    var body = checked(body(exchange), COMPUTE);
    if (!(body.get("request") instanceof ObjectNode request)) {
      throw Problem.badField(
          RejectionCode.E_SCHEMA, "request", "expected a request, as for POST /v1/requests");
    }
    var kept = values.call(op("get", exchange));
    if (kept.path("found").booleanValue()) {
      exchange.answer(HttpStatus.OK_200, kept);
      return;
    }
    var completion = submit.completion(exchange, Exchange.utf8(request.toString()));
    if (completion.isPresent()) {
      var set = op("set", exchange).put("ifAbsent", true);
      set.set("value", result(completion.get()));
      KEPT_AS.stream().filter(body::has).forEach(name -> set.set(name, body.get(name)));
      var reply = values.call(set);
      exchange.answer(
          HttpStatus.OK_200, reply.has("value") ? reply : reply.set("value", set.get("value")));
    }
  }

  private static JsonNode result(Completion completion) {
    var result = completion.result();
    if (result != null && !result.isNull()) {
      return result;
    }
    if (completion.resultRef() != null) {
      throw Problem.of(
          HttpStatus.PAYLOAD_TOO_LARGE_413,
          RejectionCode.E_SIZE,
          "the result has "
              + completion.resultBytes()
              + " bytes, more than a value may have: it stays with request "
              + completion.requestId());
    }
    throw Problem.ended(completion);
  }

  private ObjectNode body(Exchange exchange) {
    try {
      return StrictJson.parse(exchange.body(maxBodyBytes));
    } catch (RejectedException e) {
      throw Problem.of(e.rejection());
    }
  }

  private static ObjectNode checked(ObjectNode body, Set<String> known) {
    try {
      var _ = new Fields(body, "", known);
      return body;
    } catch (RejectedException e) {
      throw Problem.of(e.rejection());
    }
  }

  private static ObjectNode op(String op, Exchange exchange) {
    return Json.MAPPER
        .createObjectNode()
        .put("op", op)
        .put("namespace", exchange.parameter("namespace"))
        .put("key", exchange.parameter("key"));
  }
}
