package dev.millrace.chaos;

import dev.millrace.audit.AuditReader;
import dev.millrace.audit.Report;
import dev.millrace.chaos.ChaosReport.Injected;
import dev.millrace.chaos.ChaosReport.Outcome;
import dev.millrace.chaos.ChaosReport.Verdict;
import dev.millrace.chaos.Member.Role;
import dev.millrace.runtime.Resources;
import dev.millrace.runtime.Threads;
import dev.millrace.runtime.request.RequestHasher;
import dev.millrace.runtime.request.TypeDefinitions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// Starts a fleet, puts load and faults on it, heals and drains it, and judges it by its topics.
///
/// ```
/// Schedule (seed) ─▶ Faults ─▶ Fleet of processes ◀─ Load ─▶ lost, doubled
///                                 └─ topics ─▶ audit ─▶ verdict
/// ```
public final class ChaosRun {

  private static final Duration DRAIN = Duration.ofMinutes(4);
  private static final Duration TICK = Duration.ofMillis(500);

  private final Plan plan;
  private final Resources resources;
  private final Consumer<String> say;
  private final CountDownLatch never = new CountDownLatch(1);

  /// What to do.
  ///
  /// @param time how long load and faults go on
  /// @param brokers 1, or 3 with replication 3
  /// @param perSecond requests
  public record Plan(Path folder, Duration time, long seed, int brokers, int perSecond) {}

  public ChaosRun(Plan plan, Resources resources, Consumer<String> say) {
    this.plan = plan;
    this.resources = resources;
    this.say = say;
  }

  /// Does it all and reports.
  ///
  /// @throws IOException when the fleet cannot be started
  public ChaosReport run() throws IOException, InterruptedException {
    say.accept(
        "starting " + plan.brokers() + " broker(s), PostgreSQL and six services, each a process");
    try (var fleet = Fleet.start(plan.folder(), plan.brokers(), resources);
        var load = new Load(fleet.clients(), fleet.topics(), plan.seed(), plan.perSecond())) {
      load.start();
      var injected = new CopyOnWriteArrayList<Injected>();
      int restarts = suffer(fleet, load, injected);
      load.stop();
      say.accept("healed; waiting for " + load.open().size() + " requests to end");
      restarts += drain(fleet, load);
      return judge(fleet, load, injected, restarts);
    }
  }

  private int suffer(Fleet fleet, Load load, List<Injected> injected)
      throws IOException, InterruptedException {
    var faults = new Faults(fleet, load);
    var schedule = Schedule.of(plan.seed(), plan.time(), kinds(fleet));
    long begin = resources.nanoTime().getAsLong();
    int restarts = 0;
    var blows = new ArrayList<Future<?>>();
    ExecutorService threads = Executors.newCachedThreadPool(Threads.platform("chaos-fault"));
    try {
      for (var planned : schedule.faults()) {
        restarts += waitUntil(begin, planned.atMs(), fleet);
        say.accept("%5.1f s  %s".formatted(planned.atMs() / 1000.0, planned.kind().words()));
        blows.add(
            threads.submit(() -> {
              var victim = faults.inject(planned);
              return injected.add(new Injected(planned.atMs(), planned.kind().name(), victim));
            }));
      }
      restarts += waitUntil(begin, plan.time().toMillis(), fleet);
      for (var blow : blows) {
        var _ = blow.get();
      }
      return restarts;
    } catch (ExecutionException e) {
      throw new IOException("a fault could not be undone: " + e.getCause(), e);
    } finally {
      threads.shutdownNow();
    }
  }

  /// A fleet of one broker may lose it for a moment; of three, one at a time.
  private static List<Kind> kinds(Fleet fleet) {
    return Arrays.stream(Kind.values())
        .filter(kind -> kind != Kind.CLOCK_JUMP || Fleet.canSetClocks())
        .filter(kind -> !fleet.of(Role.CACHE_STORE).isEmpty())
        .toList();
  }

  private int waitUntil(long begin, long atMs, Fleet fleet)
      throws IOException, InterruptedException {
    int revived = 0;
    while (true) {
      revived += fleet.revive();
      long left = atMs - (resources.nanoTime().getAsLong() - begin) / 1_000_000;
      if (left <= 0) {
        return revived;
      }
      var _ = never.await(Math.min(left, TICK.toMillis()), TimeUnit.MILLISECONDS);
    }
  }

  private int drain(Fleet fleet, Load load) throws IOException, InterruptedException {
    long begin = resources.nanoTime().getAsLong();
    int revived = 0;
    while (!load.open().isEmpty() && resources.nanoTime().getAsLong() - begin < DRAIN.toNanos()) {
      revived += fleet.revive();
      var _ = never.await(TICK.toMillis(), TimeUnit.MILLISECONDS);
    }
    return revived;
  }

  private ChaosReport judge(Fleet fleet, Load load, List<Injected> injected, int restarts)
      throws InterruptedException {
    say.accept("auditing the topics");
    var types = TypeDefinitions.load(ChaosRun.class.getClassLoader(), null);
    var audit =
        new AuditReader(
                fleet.clients(), fleet.topics(), types, RequestHasher.KEYLESS, resources.clock())
            .audit(Duration.ZERO);
    int lost = load.open().size();
    var found =
        audit.invariants().stream()
            .filter(judged -> judged.verdict() != Report.Verdict.VALID)
            .map(ChaosRun::words)
            .collect(Collectors.joining("; "));
    return new ChaosReport(
        verdict(audit.verdict(), lost, load.doubled()),
        plan.seed(),
        injected.size(),
        (int) injected.stream().map(Injected::kind).distinct().count(),
        load.requests(),
        lost,
        load.doubled(),
        load.unknown(),
        restarts,
        load.outcomes().entrySet().stream()
            .map(outcome -> new Outcome(outcome.getKey(), outcome.getValue()))
            .toList(),
        found.isEmpty() ? audit.verdict().name() : audit.verdict() + ": " + found,
        injected.stream().sorted(Comparator.comparingLong(Injected::atMs)).toList());
  }

  private static String words(Report.Judged judged) {
    return judged.verdict() == Report.Verdict.INVALID
        ? judged.id()
            + " broken "
            + judged.broken()
            + " times: "
            + judged.examples().getFirst().what()
            + " at "
            + judged.examples().getFirst().at()
        : judged.id() + " " + String.join(", ", judged.missing());
  }

  private static Verdict verdict(Report.Verdict audit, int lost, int doubled) {
    if (lost > 0 || doubled > 0 || audit == Report.Verdict.INVALID) {
      return Verdict.INVALID;
    }
    return audit == Report.Verdict.UNKNOWN ? Verdict.UNKNOWN : Verdict.VALID;
  }
}
