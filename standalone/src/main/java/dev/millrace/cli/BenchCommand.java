package dev.millrace.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.bench.CacheBench;
import dev.millrace.bench.Comparison;
import dev.millrace.bench.Extent;
import dev.millrace.bench.GrowthBench;
import dev.millrace.bench.InstancesBench;
import dev.millrace.bench.PeersBench;
import dev.millrace.bench.PeersBench.Workload;
import dev.millrace.bench.Row;
import dev.millrace.bench.SmallBench;
import dev.millrace.bench.Stand;
import dev.millrace.standalone.Standalone;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// How fast is it here?
@Command(
    name = "bench",
    description = {
      "Measure everything on this machine, beside a raw hop through the same Kafka broker.",
      "  cache     answers that are known, on their way, or neither",
      "  instances known answers from one, two and four instances of the cache-store",
      "  growth    the same when there are few and when there are many",
      "  peers     the workloads other job queues were measured with",
      "  small     what is done with every request, by JMH",
      "Starts everything embedded. Compare ratios of one run, and times only on one idle machine."
    },
    footer = {
      "",
      "Examples:",
      "  ./millrace bench cache --json",
      "  ./millrace bench peers --workload B"
    })
final class BenchCommand implements Callable<Integer> {

  private final Context context;

  @Parameters(
      paramLabel = "SUITE",
      arity = "0..*",
      description = "${COMPLETION-CANDIDATES} (default: all of them).")
  private List<Suite> suites = List.of(Suite.values());

  @Option(
      names = "--workload",
      paramLabel = "NAME,…",
      split = ",",
      description = "Of peers: ${COMPLETION-CANDIDATES} (default: all of them).")
  private List<Workload> workloads = List.of(Workload.values());

  @Option(
      names = "--entries",
      paramLabel = "COUNT,…",
      split = ",",
      defaultValue = "1000,10000,100000",
      description = "Of growth: how many answers are known (default: ${DEFAULT-VALUE}).")
  private List<Integer> entries = List.of();

  @Mixin private KafkaOptions kafka = new KafkaOptions();

  @Option(
      names = "--glance",
      description = "A fiftieth of the load: to see that it works, not how fast.")
  private boolean glance;

  @Option(
      names = "--compare",
      paramLabel = "FILE",
      description = {
        "What --json printed before: exit code 1 when a ratio is more than a quarter above the one",
        "there."
      })
  private @Nullable Path compare;

  @Option(names = "--json", description = "Print one JSON object a line for each row.")
  private boolean json;

  /// What is measured together.
  enum Suite {
    cache,
    instances,
    growth,
    peers,
    small
  }

  BenchCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws InterruptedException {
    Quiet.kafka();
    var earlier = earlier();
    return Embedded.folder(folder ->
        Embedded.product(
            context,
            kafka.sources(context.environment(), Stand.settings(folder)),
            product -> verdict(measure(product, folder), earlier)));
  }

  private Comparison earlier() {
    try {
      return Comparison.with(compare == null ? List.of() : Files.readAllLines(compare));
    } catch (IOException _) {
      throw CliException.usage("--compare: cannot read " + compare + ".");
    } catch (IllegalArgumentException e) {
      throw CliException.usage("--compare: " + e.getMessage());
    }
  }

  private int verdict(List<Row> rows, Comparison earlier) {
    var worse = earlier.regressions(rows);
    worse.forEach(row ->
        context.say(
            "Slower than before: %s over %s, ratio %.2f, was %.2f."
                .formatted(row.name(), row.via(), row.ratio(), row.before())));
    return worse.isEmpty() ? ExitCode.DONE : ExitCode.FAILED;
  }

  private List<Row> measure(Standalone product, Path folder) throws InterruptedException {
    var rows = new ArrayList<Row>();
    Consumer<Row> each =
        row -> {
          rows.add(row);
          if (json) {
            context.print(row.json().toString());
          }
        };
    var extent = glance ? Extent.GLANCE : Extent.FULL;
    try (var stand =
        Stand.over(product.settings(), URI.create(product.http()), context.resources().get())) {
      for (var suite : suites) {
        context.say("Measuring " + suite + " …");
        switch (suite) {
          case cache -> new CacheBench(stand, extent).run(each);
          case instances -> new InstancesBench(stand, extent, folder).run(each);
          case growth -> new GrowthBench(stand, extent, entries).run(each);
          case peers -> {
            var peers = new PeersBench(stand, extent, folder.resolve("logs"));
            for (var workload : workloads) {
              peers.run(workload, each);
            }
          }
          case small -> new SmallBench(extent).run(each);
        }
      }
    }
    if (!json) {
      tables(rows);
    }
    return rows;
  }

  /// One for each kind of row.
  private void tables(List<Row> rows) {
    var alike = new LinkedHashMap<List<String>, List<ObjectNode>>();
    for (var row : rows) {
      var columns = new ArrayList<>(List.of("name", "via"));
      columns.addAll(row.figures().keySet());
      alike.computeIfAbsent(columns, _ -> new ArrayList<>()).add(row.json());
    }
    alike.forEach((columns, lines) -> {
      Table.of(columns, lines).lines().forEach(context::print);
      context.print("");
    });
  }
}
