package dev.millrace.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.audit.AuditReader;
import dev.millrace.audit.Report;
import dev.millrace.audit.Report.Judged;
import dev.millrace.audit.Report.Verdict;
import dev.millrace.contracts.Alert;
import dev.millrace.contracts.Json;
import dev.millrace.runtime.CommonConfig;
import dev.millrace.runtime.PrivacyConfig;
import dev.millrace.runtime.request.TypeDefinitions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Checks the guarantees from the topics, and nothing else.
@Command(
    name = "audit",
    description = {
      "Read every topic and judge every guarantee from the records alone.",
      "VALID: put to the test and held. INVALID: broken, with examples. UNKNOWN: what is missing",
      "to say so. Exit code 0 when all are valid, 1 when one is invalid, 2 when some are unknown."
    },
    footer = {
      "",
      "Private requests hashed under keys need those: --privacy-keys FILE",
      "Example:  ./millrace audit --bootstrap-server localhost:9092 --json"
    })
final class AuditCommand implements Callable<Integer> {

  private static final int UNKNOWN = 2;

  private final Context context;
  private final Set<String> alerted = new HashSet<>();

  @Mixin private KafkaOptions kafka = new KafkaOptions();

  @Option(
      names = "--follow",
      description = "Judge again and again, and write an alert when something breaks.")
  private boolean follow;

  @Option(
      names = "--every",
      paramLabel = "SECONDS",
      description = "How long --follow waits in between (default: ${DEFAULT-VALUE}).")
  private int every = 30;

  @Option(names = "--json", description = "Print one JSON object, on the last line.")
  private boolean json;

  @Option(
      names = "--drained-within",
      paramLabel = "SECONDS",
      description =
          "A request older than this must have ended (default: its job may be in flight).")
  private @Nullable Integer drainedWithin;

  @Option(
      names = "--privacy-keys",
      paramLabel = "FILE",
      description =
          "The keys that private requests are hashed under, as in privacy.keys; what no key yields"
              + " is broken then.")
  private @Nullable Path keys;

  AuditCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws InterruptedException {
    Quiet.kafka();
    var def = PrivacyConfig.define(CommonConfig.def());
    var flags =
        keys == null ? Map.<String, String>of() : Map.of(PrivacyConfig.KEYS, keys.toString());
    var cluster = Cluster.connect(def, kafka.sources(context.environment(), flags));
    var reader =
        new AuditReader(
            cluster.clients(),
            cluster.topics(),
            types(cluster),
            PrivacyConfig.hasher(cluster.settings()),
            context.resources().get().clock());
    var within = drainedWithin == null ? null : Duration.ofSeconds(drainedWithin);
    var never = new CountDownLatch(1);
    while (true) {
      var report = reader.audit(within);
      print(report);
      if (!follow) {
        return exitCode(report);
      }
      alert(cluster, report);
      if (never.await(Math.max(1, every), TimeUnit.SECONDS)) {
        return exitCode(report);
      }
    }
  }

  private static TypeDefinitions types(Cluster cluster) {
    return TypeDefinitions.load(
        AuditCommand.class.getClassLoader(),
        cluster.settings().optionalPath(CommonConfig.TYPES_DIR).orElse(null));
  }

  private static int exitCode(Report report) {
    return switch (report.verdict()) {
      case VALID -> ExitCode.DONE;
      case INVALID -> ExitCode.FAILED;
      case UNKNOWN -> UNKNOWN;
    };
  }

  private void print(Report report) {
    if (json) {
      ObjectNode tree = Json.MAPPER.valueToTree(report);
      context.print(tree.toString());
      return;
    }
    var rows = new ArrayList<List<String>>();
    rows.add(List.of("ID", "VERDICT", "CHECKED", "WHAT MUST HOLD"));
    for (var judged : report.invariants()) {
      rows.add(
          List.of(
              judged.id(),
              judged.verdict().name(),
              Long.toString(judged.checked()),
              judged.name()));
    }
    Table.align(rows).forEach(context::print);
    report.invariants().forEach(this::explain);
    context.print("");
    context.print("%s  %,d requests".formatted(report.verdict(), report.requests()));
  }

  private void explain(Judged judged) {
    if (judged.verdict() == Verdict.VALID) {
      return;
    }
    context.print("");
    context.print(
        judged.id()
            + " "
            + judged.verdict()
            + (judged.broken() > 0 ? ", broken " + judged.broken() + " times" : ""));
    judged.missing().forEach(missing -> context.print("  ? " + missing));
    judged
        .examples()
        .forEach(example -> context.print("  " + example.at() + "  " + example.what()));
  }

  /// One alert for each invariant, the first time it is found broken.
  private void alert(Cluster cluster, Report report) {
    for (var judged : report.invariants()) {
      if (judged.verdict() == Verdict.INVALID && alerted.add(judged.id())) {
        var first = judged.examples().getFirst();
        var alert =
            new Alert(
                "critical",
                "audit:" + judged.id(),
                "broken: " + judged.name() + "; " + first.what() + " at " + first.at(),
                "look at the record, and run `millrace audit` for all of them",
                context.resources().get().clock().instant());
        try (var sender = cluster.sender()) {
          var _ =
              sender.send(cluster.topics().alerts(), null, alert.alert(), alert, Map.of()).join();
        }
        context.say("Alert: " + alert.message());
      }
    }
  }
}
