package dev.millrace.workers.attempts;

import dev.millrace.contracts.Control;
import dev.millrace.contracts.DeclineReason;
import dev.millrace.contracts.FailureCode;
import dev.millrace.contracts.Job;
import dev.millrace.contracts.Outcome;
import dev.millrace.runtime.BlobStore;
import dev.millrace.runtime.Resources;
import dev.millrace.runtime.Threads;
import dev.millrace.workers.attempts.Run.Stop;
import dev.millrace.workers.handlers.Handlers;
import dev.millrace.workers.handlers.JobFailure;
import dev.millrace.workers.handlers.JobHandler;
import dev.millrace.workers.handlers.JobResult;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadFactory;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs jobs: says `started`, lets the handler work while heartbeats go out, stops it when it must,
/// and reports exactly one outcome.
///
/// ```
/// started ─▶ [effect: grant] ─▶ handler ─▶ last progress ─▶ outcome
///    └ not durable: not run        └ revoke, run limit, silence, yield, drain: told to stop
/// ```
///
/// It has no clock of its own: three loops call [#beat], [#watch] and [#flushProgress] every few
/// milliseconds. They are three so that a send that blocks delays no stop.
public final class AttemptRunner {

  private static final Logger LOG = LoggerFactory.getLogger(AttemptRunner.class);

  /// Between two offers of a result to the blob store; doubling.
  private static final long FIRST_PAUSE_MS = 100;

  private static final long LONGEST_PAUSE_MS = 10_000;

  private final AttemptLimits limits;
  private final Handlers handlers;
  private final Reports reports;
  private final RunListener listener;
  private final Resources resources;
  private final Outcomes outcomes;
  private final Results results;
  private final ThreadFactory computing = Threads.platform("run");
  private final ThreadFactory waiting = Threads.virtual("run-waiting");
  private final ThreadFactory reporting = Threads.platform("run-abandoned");
  private final Map<String, Run> runs = new ConcurrentHashMap<>();
  private volatile boolean closed;

  public AttemptRunner(
      String workerId,
      AttemptLimits limits,
      Handlers handlers,
      Reports reports,
      BlobStore blobs,
      RunListener listener,
      Resources resources) {
    this.limits = limits;
    this.handlers = handlers;
    this.reports = reports;
    this.listener = listener;
    this.resources = resources;
    this.outcomes = new Outcomes(workerId, resources.clock());
    this.results = new Results(blobs, limits.largestResultBytes());
  }

  public boolean knows(Job job) {
    return handlers.find(job.type()).isPresent();
  }

  /// Takes a job: returns when `started` is on the broker and the handler has its thread. A job
  /// whose `started` cannot be made durable is not run but given back.
  ///
  /// @param slot given back when the run is over and reported
  /// @return whether the ledger will know what became of the dispatch; false when this worker is
  ///   closed before
  public boolean start(Job job, Slot slot) {
    var handler =
        handlers
            .find(job.type())
            .orElseThrow(() -> new IllegalStateException("no handler for type " + job.type()));
    var runId = newRunId();
    var run = newRun(job, runId, handler, slot);
    runs.put(runId, run);
    try {
      if (Durable.arrived(reports.outcome(job, outcomes.started(job, runId)), this::open)) {
        var threads = handler.waits() ? waiting : computing;
        threads.newThread(() -> execute(run)).start();
        listener.started(job);
        LOG.debug("started jobId={} epoch={} runId={}", job.jobId(), job.epoch(), runId);
        return true;
      }
    } catch (ExecutionException | OutOfMemoryError e) {
      LOG.warn("cannot start, given back jobId={} epoch={}: {}", job.jobId(), job.epoch(), e);
    }
    runs.remove(runId);
    slot.release();
    return decline(job, runId, DeclineReason.BUSY);
  }

  /// Gives a dispatch back that was not started.
  ///
  /// @return whether the ledger will know; false when this worker is closed before
  public boolean decline(Job job, DeclineReason reason) {
    return decline(job, null, reason);
  }

  private boolean decline(Job job, @Nullable String runId, DeclineReason reason) {
    boolean known =
        Durable.deliver(
            "decline of job " + job.jobId(),
            () -> reports.outcome(job, outcomes.declined(job, runId, reason)),
            this::open);
    if (known) {
      listener.declined(job, reason);
      LOG.debug("declined jobId={} epoch={} reason={}", job.jobId(), job.epoch(), reason.id());
    }
    return known;
  }

  /// Hears what the ledger says about a run; most of what it says is about runs of other workers.
  public void control(Control control) {
    long now = resources.nanoTime().getAsLong();
    for (var run : runs.values()) {
      if (run.is(control)) {
        switch (control) {
          case Control.Revoke revoke -> {
            if (run.stop(Stop.REVOKED, now)) {
              LOG.debug("revoked jobId={} reason={}", revoke.jobId(), revoke.reason());
            }
          }
          case Control.Grant _ -> run.grant(now, limits.effectSilence().toNanos());
        }
      }
    }
  }

  /// Sends the heartbeats that are due.
  ///
  /// @return how many
  public int beat() {
    int sent = 0;
    for (var run : runs.values()) {
      long now = resources.nanoTime().getAsLong();
      if (run.beat(now, limits.heartbeat().toNanos())) {
        var _ =
            reports
                .outcome(run.job(), outcomes.heartbeat(run))
                .whenComplete((_, failure) -> {
                  if (failure == null) {
                    run.heard(now);
                  } else {
                    LOG.warn("heartbeat lost jobId={}: {}", run.job().jobId(), failure.toString());
                  }
                });
        sent++;
      }
    }
    return sent;
  }

  /// Stops the runs that are out of time or out of touch, and abandons those that do not stop.
  ///
  /// @return how many were stopped or abandoned
  public int watch() {
    int acted = 0;
    for (var run : runs.values()) {
      long now = resources.nanoTime().getAsLong();
      if (run.overdue(now) && run.stop(Stop.TIMED_OUT, now)) {
        acted++;
      }
      if (run.silent(now, limits.effectSilence().toNanos()) && run.stop(Stop.SILENT, now)) {
        LOG.warn("effect out of touch, stopping it jobId={}", run.job().jobId());
        acted++;
      }
      if (run.abandon(now, limits.grace().toNanos())) {
        abandon(run);
        acted++;
      }
    }
    return acted;
  }

  /// Sends the progress that was held back and is due.
  public void flushProgress() {
    runs.values().forEach(run -> run.progress().flushDue());
  }

  /// Sees to it that at least `wanted` lent slots will be free before long, by stopping the runs
  /// that hold them: the youngest first, they have the least to lose.
  ///
  /// @return how many were stopped
  public int makeRoom(int wanted) {
    if (wanted == 0) {
      return 0;
    }
    var lent =
        runs.values().stream()
            .filter(run -> run.slot().lent())
            .sorted(Comparator.comparingLong(Run::startedAt).reversed())
            .toList();
    long leaving = lent.stream().filter(Run::leaving).count();
    long now = resources.nanoTime().getAsLong();
    int stopped = 0;
    for (var run : lent) {
      if (leaving + stopped < wanted && run.stop(Stop.YIELDED, now)) {
        LOG.debug("yielded jobId={}", run.job().jobId());
        stopped++;
      }
    }
    return stopped;
  }

  /// Gives back the effects that have not begun.
  public void giveBackWaiting() {
    long now = resources.nanoTime().getAsLong();
    runs.values().stream().filter(Run::waiting).forEach(run -> run.stop(Stop.DRAINED, now));
  }

  /// Tells every run to stop; each is given back, its attempt not counted.
  public void drain() {
    long now = resources.nanoTime().getAsLong();
    runs.values().forEach(run -> run.stop(Stop.DRAINED, now));
  }

  /// Gives up on sending what has not been sent. Last, when nothing more will be waited for.
  public void close() {
    closed = true;
  }

  public int running() {
    return runs.size();
  }

  /// What is running, for health and for the log of a drain.
  public List<Map<String, Object>> details() {
    long now = resources.nanoTime().getAsLong();
    return runs.values().stream().map(run -> details(run, now)).toList();
  }

  private static Map<String, Object> details(Run run, long now) {
    var details = new LinkedHashMap<String, Object>();
    details.put("jobId", run.job().jobId().value());
    details.put("type", run.job().type());
    details.put("tier", run.job().tier().id());
    details.put("lane", run.job().lane());
    details.put("attempt", run.job().attempt());
    details.put("epoch", run.job().epoch());
    details.put("runId", run.runId());
    details.put("waiting", run.waiting());
    details.put("progress", run.progress().percent());
    details.put("runMs", Duration.ofNanos(now - run.startedAt()).toMillis());
    return details;
  }

  private boolean open() {
    return !closed;
  }

  private String newRunId() {
    synchronized (resources.random()) {
      return "%016x".formatted(resources.random().nextLong());
    }
  }

  private Run newRun(Job job, String runId, JobHandler handler, Slot slot) {
    var progress =
        new RunProgress(
            job,
            runId,
            update -> reports.progress(job, update),
            resources.clock(),
            resources.nanoTime(),
            limits.progressInterval().toNanos());
    return new Run(
        job,
        runId,
        handler,
        progress,
        new Scratch(limits.scratch()),
        slot,
        resources.nanoTime().getAsLong());
  }

  /// A run from its handler's first moment to the end of its slot. On the handler's own thread.
  private void execute(Run run) {
    Outcome outcome;
    try {
      outcome = run.awaitTurn(resources.nanoTime()) ? handle(run) : stopped(run);
    } catch (Throwable thrown) {
      // whatever a handler throws, even an Error, ends its run and not the worker
      outcome = failed(run, thrown);
    }
    if (run.end()) {
      report(run, run.stopped() == null ? outcome : stopped(run));
    } else {
      LOG.info("abandoned handler has ended after all jobId={}", run.job().jobId());
    }
    run.scratch().delete();
  }

  private Outcome handle(Run run) throws Exception {
    run.deadline(resources.clock().instant().plusMillis(run.job().runLimitMs()));
    run.progress().begin();
    var answer = run.handler().handle(new RunContext(run, resources.clock()));
    long runMs = runMs(run);
    var bytes = results.check(answer);
    run.computed(resources.nanoTime().getAsLong());
    if (answer.cost() != null) {
      listener.cost(run.job(), answer.cost());
    }
    return outcomes.succeeded(run, runMs, keep(run, answer, bytes));
  }

  /// What is computed is not given up because the blob store is away: it is offered again and
  /// again, with heartbeats going out, until the run is told to stop. Another run limit is the end.
  private Results.Packed keep(Run run, JobResult answer, byte[] bytes) {
    long pauseMs = FIRST_PAUSE_MS;
    while (true) {
      try {
        return results.pack(answer, bytes);
      } catch (UncheckedIOException e) {
        LOG.warn(
            "result not kept yet, trying again jobId={} pauseMs={}: {}",
            run.job().jobId(),
            pauseMs,
            e.toString());
        if (run.awaitStop(pauseMs)) {
          throw e;
        }
        pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
      }
    }
  }

  private Outcome failed(Run run, Throwable thrown) {
    if (!(thrown instanceof JobFailure) && run.stopped() == null) {
      LOG.warn("handler failed jobId={} runId={}", run.job().jobId(), run.runId(), thrown);
    }
    return outcomes.failed(run, runMs(run), thrown);
  }

  private Outcome stopped(Run run) {
    return switch (run.stopped()) {
      case REVOKED -> outcomes.cancelled(run);
      case TIMED_OUT -> timedOut(run);
      case SILENT -> outcomes.silent(run, runMs(run));
      case YIELDED -> outcomes.declined(run.job(), run.runId(), DeclineReason.YIELD);
      case DRAINED -> givenBack(run, DeclineReason.DRAIN);
      case null -> throw new IllegalStateException("run " + run.runId() + " was not stopped");
    };
  }

  /// A handler that took too long has had its attempt. One that did not get its turn, or whose
  /// result was not taken, has not.
  private Outcome timedOut(Run run) {
    if (run.computed()) {
      return givenBack(run, DeclineReason.NOT_KEPT);
    }
    return run.begun() ? outcomes.timedOut(run, runMs(run)) : givenBack(run, DeclineReason.BUSY);
  }

  /// An effect that has done its work must not do it again for free.
  private Outcome givenBack(Run run, DeclineReason reason) {
    return run.computed() && run.job().effect()
        ? outcomes.notKept(run, runMs(run))
        : outcomes.declined(run.job(), run.runId(), reason);
  }

  private void abandon(Run run) {
    LOG.error(
        "{}, abandoned with its thread jobId={} type={} reason={}",
        run.computed() ? "blob store does not answer" : "handler does not stop",
        run.job().jobId(),
        run.job().type(),
        run.stopped());
    listener.abandoned(run.job());
    reporting.newThread(() -> report(run, stopped(run))).start();
  }

  /// The last progress, then the outcome, then the slot; but a slot that is waited for comes first.
  private void report(Run run, Outcome outcome) {
    long runMs = runMs(run);
    if (run.stopped() == Stop.YIELDED) {
      run.slot().release();
    }
    try {
      awaitProgress(run);
      run.reported();
      deliver(run, outcome);
      listener.ended(run.job(), outcome, runMs);
      if (outcome instanceof Outcome.Declined declined) {
        listener.declined(run.job(), declined.reason());
      }
      LOG.debug("ended jobId={} runId={} {}", run.job().jobId(), run.runId(), outcome);
    } finally {
      runs.remove(run.runId());
      run.slot().release();
    }
  }

  private void awaitProgress(Run run) {
    try {
      var _ = Durable.arrived(run.progress().finish(), this::open);
    } catch (ExecutionException e) {
      LOG.warn("progress lost jobId={}: {}", run.job().jobId(), String.valueOf(e.getCause()));
    }
  }

  private void deliver(Run run, Outcome outcome) {
    var job = run.job();
    var what = "outcome of job " + job.jobId();
    try {
      if (!Durable.deliver(what, () -> reports.outcome(job, outcome), this::open)) {
        LOG.warn("outcome not sent, the lease will end jobId={} {}", job.jobId(), outcome);
      }
    } catch (RecordTooLargeException e) {
      var tooLarge =
          outcomes.failed(
              run,
              runMs(run),
              JobFailure.permanent(
                  FailureCode.TOO_LARGE.name(),
                  "the outcome of job %s does not fit into a record: %s"
                      .formatted(job.jobId(), e.getMessage())));
      var _ = Durable.deliver(what, () -> reports.outcome(job, tooLarge), this::open);
    }
  }

  private long runMs(Run run) {
    return Duration.ofNanos(run.runNanos(resources.nanoTime().getAsLong())).toMillis();
  }
}
