package dev.millrace.publisher.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.Topics;
import dev.millrace.contracts.ValueReply;
import dev.millrace.publisher.sse.Waits;
import dev.millrace.runtime.request.RejectedException;
import dev.millrace.runtime.request.Rejection;
import dev.millrace.runtime.values.ValueCommandReader;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// Produces a command about values and waits until all of its partitions have replied.
final class ValueCalls {

  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Topics topics;
  private final Produce produce;
  private final Waits waits;
  private final Ids ids;

  ValueCalls(Topics topics, Produce produce, Waits waits, Ids ids) {
    this.topics = topics;
    this.produce = produce;
    this.waits = waits;
    this.ids = ids;
  }

  /// What came of a command: the replies of its partitions as one, without saying which they were.
  ///
  /// @throws Problem when it is none, is refused, or is not answered in time
  ObjectNode call(ObjectNode json) {
    if (!json.has("commandId")) {
      json.put("commandId", ids.next());
    }
    try {
      var command = ValueCommandReader.read(json);
      var id = json.get("commandId").textValue();
      try (var wait = waits.forReplies(command.namespace(), id)) {
        produce.record(topics.valueCommands(), id, command, Map.of());
        return merged(wait.within(PATIENCE).orElseThrow(() -> late(id)));
      }
    } catch (RejectedException e) {
      throw Problem.of(e.rejection());
    }
  }

  private static ObjectNode merged(List<ValueReply> replies) {
    for (var reply : replies) {
      if (reply.code() != null) {
        throw Problem.of(new Rejection(reply.code(), String.valueOf(reply.error()), ""));
      }
    }
    ObjectNode json = Json.MAPPER.valueToTree(replies.getFirst());
    for (var reply : replies) {
      if (reply.values() != null) {
        json.withObject("/values").setAll(reply.values());
      }
    }
    return json.without(List.of("partition", "parts"));
  }

  private static Problem late(String id) {
    return Problem.unavailable("no answer within " + PATIENCE.toSeconds() + " s")
        .next("Send it again with \"commandId\":\"" + id + "\": a change counts once.");
  }
}
