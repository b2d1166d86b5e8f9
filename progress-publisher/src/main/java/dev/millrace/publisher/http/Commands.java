package dev.millrace.publisher.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.contracts.Command;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.Receipt;
import dev.millrace.contracts.Topics;
import dev.millrace.publisher.sse.Waits;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/// Produces a command and waits shortly until every ledger partition has answered.
final class Commands {

  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Topics topics;
  private final Produce produce;
  private final Waits waits;
  private final Ids ids;

  Commands(Topics topics, Produce produce, Waits waits, Ids ids) {
    this.topics = topics;
    this.produce = produce;
    this.waits = waits;
    this.ids = ids;
  }

  /// What became of a command.
  ///
  /// @param receipts of all partitions; empty when they did not come in time
  record Answer(String commandId, Optional<List<Receipt>> receipts) {

    boolean done() {
      return receipts.isPresent();
    }

    boolean ok() {
      return receipts.stream().flatMap(List::stream).allMatch(Receipt::ok);
    }

    long found() {
      return receipts.stream().flatMap(List::stream).mapToLong(Receipt::found).sum();
    }

    /// What computing again would cost, where the receipts say so.
    Optional<Long> recomputeMs() {
      return receipts.stream()
          .flatMap(List::stream)
          .map(Receipt::recomputeMs)
          .filter(Objects::nonNull)
          .reduce(Long::sum);
    }

    /// What became of the requests of a warm-up, where the receipts say so.
    Optional<Receipt.WarmUp> warmUp() {
      return receipts.stream()
          .flatMap(List::stream)
          .map(Receipt::warmUp)
          .filter(Objects::nonNull)
          .reduce(Receipt.WarmUp::plus);
    }

    ObjectNode json() {
      ObjectNode json = Json.MAPPER.createObjectNode();
      json.put("commandId", commandId);
      json.put("done", done());
      if (done()) {
        json.put("ok", ok());
        json.put("found", found());
        recomputeMs().ifPresent(cost -> json.put("recomputeMs", cost));
        warmUp().ifPresent(became -> json.set("warmUp", Json.MAPPER.valueToTree(became)));
        json.set("receipts", Json.MAPPER.valueToTree(receipts.orElseThrow()));
      }
      return json;
    }
  }

  Answer send(Function<String, Command> command) {
    var id = ids.next();
    try (var wait = waits.forReceipts(id)) {
      produce.record(topics.commands(), id, command.apply(id), Map.of());
      return new Answer(id, wait.within(PATIENCE));
    }
  }
}
