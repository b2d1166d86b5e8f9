package dev.millrace.publisher.http;

import static dev.millrace.contracts.RejectionCode.E_SCHEMA;
import static dev.millrace.contracts.RejectionCode.E_TYPE;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.Scope;
import dev.millrace.contracts.Status;
import dev.millrace.contracts.Tier;
import dev.millrace.publisher.history.HistoryFilter;
import dev.millrace.publisher.history.QuestionRow;
import dev.millrace.runtime.request.CanonicalJson;
import dev.millrace.runtime.request.Fields;
import dev.millrace.runtime.request.Identifiers;
import dev.millrace.runtime.request.Reading;
import dev.millrace.runtime.request.RejectedException;
import dev.millrace.runtime.request.RequestReader;
import dev.millrace.runtime.request.WarmUps;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Which questions of the history are wanted again.
///
/// @param among all but the limit
/// @param limit how many at most, the most asked first
record PopularQuestions(HistoryFilter among, int limit) {

  private static final Set<String> FIELDS =
      new LinkedHashSet<>(List.of("type", "organizationId", "status", "from", "to", "limit"));
  private static final Status[] ENDS = {
    Status.COMPLETED, Status.FAILED, Status.CANCELLED, Status.EXPIRED
  };
  private static final List<String> END_NAMES = List.of(ENDS).stream().map(Status::id).toList();
  private static final long DEFAULT_LIMIT = 100;
  private static final int MOST_TAGS = 32;

  /// Reads `history` of a warm-up.
  ///
  /// @throws RejectedException when a field is wrong
  static PopularQuestions read(Fields body) {
    var history = body.object("history", FIELDS);
    if (history == null) {
      throw body.refuse("history", E_SCHEMA, "an object");
    }
    var type = history.text("type", Identifiers.TYPE_EXPECTED);
    if (type != null && !Identifiers.isType(type)) {
      throw history.refuse("type", E_TYPE, Identifiers.TYPE_EXPECTED);
    }
    var status = history.choice("status", END_NAMES, ENDS);
    var limit = history.whole("limit", 1, WarmUps.MOST);
    return new PopularQuestions(
        new HistoryFilter(
            status == null ? Status.COMPLETED : status,
            type,
            null,
            history.identifier("organizationId"),
            null,
            null,
            history.time("from"),
            history.time("to"),
            false),
        (int) (limit == null ? DEFAULT_LIMIT : limit));
  }

  /// The request that asks this question again, for whoever shares its answer and with its tags.
  /// Empty when today's definition of the type does not take it any more, and when it is about an
  /// effect, which nobody may cause who does not ask for it.
  static Optional<ObjectNode> asked(QuestionRow row, RequestReader reader) {
    var params = row.params();
    if (params == null) {
      return Optional.empty();
    }
    ObjectNode request = Json.MAPPER.createObjectNode().put("type", row.type());
    if (row.scope() != Scope.GLOBAL) {
      request.put("organizationId", row.organizationId());
    }
    if (row.scope() == Scope.WORKSPACE) {
      request.put("workspaceId", row.workspaceId());
    } else if (row.scope() == Scope.PRIVATE) {
      request.put("userId", row.userId());
    }
    var cache = request.putObject("cache").put("scope", row.scope().id());
    request.set("params", CanonicalJson.parse(params));
    if (!(reader.read(Exchange.utf8(request.toString()), Tier.FREE)
            instanceof Reading.Accepted(var checked))
        || !checked.policy().runsUnasked()) {
      return Optional.empty();
    }
    var own = new ArrayList<>(row.tags());
    own.removeAll(checked.tags());
    if (!own.isEmpty()) {
      cache.set("tags", Json.MAPPER.valueToTree(own.subList(0, Math.min(own.size(), MOST_TAGS))));
    }
    return Optional.of(request);
  }
}
