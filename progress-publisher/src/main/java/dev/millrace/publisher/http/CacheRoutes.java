package dev.millrace.publisher.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.contracts.Command;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.RejectionCode;
import dev.millrace.contracts.RequestHash;
import dev.millrace.publisher.reads.Lookup;
import dev.millrace.runtime.reads.CacheStats;
import dev.millrace.runtime.reads.CacheStats.Layer;
import dev.millrace.runtime.reads.LedgerReader;
import dev.millrace.runtime.reads.LedgerUnavailableException;
import dev.millrace.runtime.request.Fields;
import dev.millrace.runtime.request.Invalidations;
import dev.millrace.runtime.request.RejectedException;
import dev.millrace.runtime.request.StrictJson;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.eclipse.jetty.http.HttpStatus;
import org.jspecify.annotations.Nullable;

/// What an operator asks of the cache, and orders.
final class CacheRoutes {

  private static final Set<String> INVALIDATE = new LinkedHashSet<>(Invalidations.FIELDS);

  private final LedgerReader ledgers;
  private final Lookup lookup;
  private final Commands commands;
  private final int maxBodyBytes;

  CacheRoutes(LedgerReader ledgers, Lookup lookup, Commands commands, int maxBodyBytes) {
    this.ledgers = ledgers;
    this.lookup = lookup;
    this.commands = commands;
    this.maxBodyBytes = maxBodyBytes;
  }

  /// The sum over all instances that can be asked.
  void stats(Exchange exchange) {
    var _ = exchange.query();
    var stats = ledgers.stats();
    if (stats.isEmpty()) {
      throw Problem.unavailable("no cache-store can be asked");
    }
    long hits = sum(stats, CacheStats::hits);
    long asked = hits + sum(stats, CacheStats::joined) + sum(stats, CacheStats::misses);
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.put("hits", hits);
    json.put("misses", sum(stats, CacheStats::misses));
    json.put("joined", sum(stats, CacheStats::joined));
    json.put("hitRate", asked == 0 ? null : (double) hits / asked);
    json.put("entries", sumIfKnown(stats, CacheStats::entries));
    json.put("bytes", sumIfKnown(stats, CacheStats::bytes));
    json.put("evictions", sum(stats, CacheStats::evictions));
    var layers = json.putArray("layers");
    layers
        .addObject()
        .put("layer", "door")
        .put("hits", lookup.hits())
        .put("misses", lookup.misses());
    layers(stats).forEach(layers::addPOJO);
    json.set("instances", Json.MAPPER.valueToTree(stats));
    exchange.answerTagged(json);
  }

  /// The sum of each layer over all instances that count it, in the order of the first.
  private static Collection<Layer> layers(List<CacheStats> stats) {
    var byName = new LinkedHashMap<String, Layer>();
    for (var instance : stats) {
      var counted = instance.layers();
      if (counted != null) {
        counted.forEach(layer -> byName.merge(layer.layer(), layer, Layer::plus));
      }
    }
    return byName.values();
  }

  private static long sum(List<CacheStats> stats, Function<CacheStats, Long> part) {
    return stats.stream().mapToLong(part::apply).sum();
  }

  /// Null when any instance does not count it.
  private static @Nullable Long sumIfKnown(
      List<CacheStats> stats, Function<CacheStats, @Nullable Long> part) {
    long sum = 0;
    for (var instance : stats) {
      var known = part.apply(instance);
      if (known == null) {
        return null;
      }
      sum += known;
    }
    return sum;
  }

  void entry(Exchange exchange) {
    var _ = exchange.query();
    RequestHash hash;
    try {
      hash = RequestHash.of(exchange.parameter("hash"));
    } catch (IllegalArgumentException _) {
      throw Problem.badField(RejectionCode.E_ID, "hash", "expected 64 lower-case hex digits")
          .next("./millrace hash -f request.json prints the hash of a request.");
    }
    try {
      var entry =
          ledgers
              .entry(hash)
              .orElseThrow(() ->
                  Problem.notFound(
                      "nothing is cached under this hash, and no job computes it",
                      "POST /v1/requests has it computed; ./millrace hash -f request.json prints"
                          + " the hash of a request."));
      exchange.answerTagged(Json.MAPPER.valueToTree(entry));
    } catch (LedgerUnavailableException e) {
      throw Problem.unavailable(String.valueOf(e.getMessage()));
    }
  }

  void invalidate(Exchange exchange) {
    var _ = exchange.query();
    Command.Invalidate asked;
    try {
      var body = StrictJson.parse(exchange.body(maxBodyBytes));
      asked = Invalidations.read(new Fields(body, "", INVALIDATE));
    } catch (RejectedException e) {
      throw Problem.of(e.rejection())
          .next(
              "Send one of {\"tag\":…}, {\"tagPrefix\":…}, {\"type\":…} and {\"hash\":…};"
                  + " \"dryRun\":true beside it only counts.");
    }
    var answer =
        commands.send(id ->
            new Command.Invalidate(
                id,
                null,
                asked.tag(),
                asked.type(),
                asked.hash(),
                asked.tagPrefix(),
                asked.dryRun()));
    exchange.answer(answer.done() ? HttpStatus.OK_200 : HttpStatus.ACCEPTED_202, answer.json());
  }
}
