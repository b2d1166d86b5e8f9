package dev.millrace.cli;

import dev.millrace.chaos.ChaosReport;
import dev.millrace.chaos.ChaosRun;
import dev.millrace.contracts.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// The product under faults.
@Command(
    name = "chaos",
    description = {
      "Start the services as processes of their own, put a mixed load on them, kill, pause, cut"
          + " off",
      "and poison them by a seeded schedule, heal, drain, and audit the topics. The same seed"
          + " gives",
      "the same schedule. Exit code 0 when the verdict is VALID, 1 INVALID, 2 UNKNOWN."
    },
    footer = {"", "Example:  ./millrace chaos --minutes 10 --seed 7"})
final class ChaosCommand implements Callable<Integer> {

  private static final int UNKNOWN = 2;

  private final Context context;

  @Option(
      names = "--minutes",
      paramLabel = "N",
      description = "How long load and faults go on (default: ${DEFAULT-VALUE}).")
  private double minutes = 1;

  @Option(names = "--seed", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
  private long seed = 1;

  @Option(
      names = "--brokers",
      paramLabel = "1|3",
      description = "With 3: replication 3, min.insync.replicas 2 (default: ${DEFAULT-VALUE}).")
  private int brokers = 1;

  @Option(
      names = "--rate",
      paramLabel = "N",
      description = "Requests a second (default: ${DEFAULT-VALUE}).")
  private int rate = 10;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "Keep all data and logs there; else they are removed at the end.")
  private @Nullable Path dataDir;

  @Option(names = "--json", description = "Print one JSON object, on the last line.")
  private boolean json;

  ChaosCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws InterruptedException {
    if (brokers != 1 && brokers != 3) {
      throw CliException.usage("--brokers is 1 or 3, got " + brokers + ".");
    }
    if (minutes <= 0 || minutes > 120 || rate < 1 || rate > 200) {
      throw CliException.usage("--minutes is above 0 and at most 120, --rate 1 to 200.");
    }
    Quiet.kafka();
    try (var _ = Shutdown.install()) {
      if (dataDir == null) {
        return Embedded.folder(this::run);
      }
      return run(Files.createDirectories(dataDir).toAbsolutePath());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make " + dataDir, e);
    }
  }

  private int run(Path folder) throws InterruptedException {
    var time = Duration.ofMillis(Math.round(minutes * 60_000));
    var plan = new ChaosRun.Plan(folder, time, seed, brokers, rate);
    ChaosReport report;
    try {
      report = new ChaosRun(plan, context.resources().get(), context::say).run();
    } catch (IOException e) {
      throw new CliException(ExitCode.FAILED, String.valueOf(e.getMessage()));
    }
    if (json) {
      context.print(Json.MAPPER.valueToTree(report).toString());
    } else {
      print(report);
    }
    return switch (report.verdict()) {
      case VALID -> ExitCode.DONE;
      case INVALID -> ExitCode.FAILED;
      case UNKNOWN -> UNKNOWN;
    };
  }

  private void print(ChaosReport report) {
    var rows = new ArrayList<List<String>>();
    rows.add(List.of("AT", "FAULT", "VICTIM"));
    report
        .injected()
        .forEach(fault ->
            rows.add(
                List.of("%.1f s".formatted(fault.atMs() / 1000.0), fault.kind(), fault.victim())));
    Table.align(rows).forEach(context::print);
    context.print("");
    report
        .outcomes()
        .forEach(
            outcome -> context.print("%-22s %,d".formatted(outcome.status(), outcome.count())));
    context.print("");
    context.print(
        "%s  seed %d: %d faults of %d kinds, %,d requests, %d lost, %d doubled, %d unknown, %d restarts"
            .formatted(
                report.verdict(),
                report.seed(),
                report.faults(),
                report.kinds(),
                report.requests(),
                report.lost(),
                report.doubled(),
                report.unknown(),
                report.restarts()));
    context.print("audit " + report.audit());
  }
}
