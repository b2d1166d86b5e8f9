package dev.millrace.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.cache.eviction.Budget;
import dev.millrace.cache.eviction.EvictionPolicy;
import dev.millrace.cache.eviction.replay.Access;
import dev.millrace.cache.eviction.replay.Replay;
import dev.millrace.cache.eviction.replay.Workload;
import dev.millrace.contracts.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Which eviction policy would have saved most? Needs no cluster.
@Command(
    name = "simulate",
    description = {
      "Replay requests against each eviction policy, and compare what the cache would have saved.",
      "The requests come from a trace, or are made up; the same seed makes the same ones."
    },
    footer = {
      "",
      "A trace has one JSON object a line, in the order asked; ./millrace cache trace writes one:",
      "  {\"key\":\"9f2c41…\",\"size\":4096,\"costMs\":250,\"at\":\"2026-08-01T12:00:00.000Z\"}",
      "  key     what was asked: a request hash, or any text",
      "  size    bytes of the answer",
      "  costMs  what computing it took, or would take",
      "  at      when; not looked at",
      "",
      "Examples:",
      "  ./millrace cache simulate --generate scan --entries 1000",
      "  ./millrace cache simulate --trace trace.jsonl --bytes 1000000 --policies lru,cost-aware"
    })
final class CacheSimulateCommand implements Callable<Integer> {

  private final Context context;

  @Option(
      names = "--trace",
      paramLabel = "FILE",
      description = "Requests as JSON lines; - for stdin.")
  private @Nullable String trace;

  @Option(
      names = "--generate",
      paramLabel = "zipf|scan|shift|loop",
      description = {
        "Without a trace: the same answers are popular all the time (the default), a fifth is",
        "asked once and never again, what is popular moves on, every answer in turn."
      })
  private Workload workload = Workload.ZIPF;

  @Option(names = "--requests", description = "How many to make up (default: ${DEFAULT-VALUE}).")
  private int requests = 1_000_000;

  @Option(
      names = "--keys",
      description = "Out of how many different answers (default: ${DEFAULT-VALUE}).")
  private int keys = 10_000;

  @Option(names = "--seed", description = "Where chance begins (default: ${DEFAULT-VALUE}).")
  private long seed = 1;

  @Option(
      names = "--entries",
      description = "Room for so many answers (default: 1000, or any number with --bytes).")
  private @Nullable Long entries;

  @Option(names = "--bytes", description = "Room for so many bytes (default: any number).")
  private @Nullable Long bytes;

  @Option(
      names = "--policies",
      paramLabel = "NAME,…",
      split = ",",
      description = "Only these: lru, lfu, fifo, random, cost-aware (default: all).")
  private List<String> policies = EvictionPolicy.ids();

  @Option(names = "--json", description = "Print one JSON object a line for each policy.")
  private boolean json;

  CacheSimulateCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    demand("--requests", requests);
    demand("--keys", keys);
    var replays = new LinkedHashMap<String, Replay>();
    for (var policy : policies()) {
      replays.put(policy.id(), new Replay(policy, budget(), new SplittableRandom(seed)));
    }
    var unlimited = new Budget(Long.MAX_VALUE, Long.MAX_VALUE);
    replays.put(
        "unlimited", new Replay(EvictionPolicy.FIFO, unlimited, new SplittableRandom(seed)));
    Consumer<Access> toAll = access -> replays.values().forEach(replay -> replay.access(access));
    if (trace == null) {
      workload.generate(requests, keys, seed, toAll);
    } else {
      CacheTrace.read(trace, context.in(), toAll);
    }
    print(replays);
    return ExitCode.DONE;
  }

  private Budget budget() {
    if (entries != null) {
      demand("--entries", entries);
    }
    if (bytes != null) {
      demand("--bytes", bytes);
    }
    long usualEntries = bytes == null ? 1_000 : Long.MAX_VALUE;
    return new Budget(
        entries == null ? usualEntries : entries, bytes == null ? Long.MAX_VALUE : bytes);
  }

  private List<EvictionPolicy> policies() {
    try {
      return policies.stream().map(EvictionPolicy::of).toList();
    } catch (IllegalArgumentException e) {
      throw CliException.usage("--policies: " + e.getMessage() + ".");
    }
  }

  private static void demand(String option, long value) {
    if (value < 1) {
      throw CliException.usage(option + " must be at least 1, got " + value + ".");
    }
  }

  private void print(Map<String, Replay> replays) {
    if (json) {
      replays.forEach((name, replay) -> {
        ObjectNode line = Json.MAPPER.createObjectNode().put("policy", name);
        line.setAll(Json.MAPPER.<ObjectNode>valueToTree(replay.score()));
        context.print(line.toString());
      });
      return;
    }
    var rows = new ArrayList<List<String>>();
    rows.add(List.of("POLICY", "HIT RATE", "BYTE HIT RATE", "SAVED", "SAVED MS", "EVICTIONS"));
    replays.forEach((name, replay) -> {
      var score = replay.score();
      rows.add(
          List.of(
              name,
              percent(score.hitRate()),
              percent(score.byteHitRate()),
              percent(score.savedShare()),
              Long.toString(score.savedMs()),
              Long.toString(score.evictions())));
    });
    Table.align(rows).forEach(context::print);
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.2f%%", 100 * share);
  }
}
