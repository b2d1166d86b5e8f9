package dev.millrace.cache.ledger;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.cache.eviction.Budget;
import dev.millrace.contracts.Admitted;
import dev.millrace.contracts.Command;
import dev.millrace.contracts.Failure;
import dev.millrace.contracts.Job;
import dev.millrace.contracts.JobId;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.Origin;
import dev.millrace.contracts.Outcome;
import dev.millrace.contracts.Policy;
import dev.millrace.contracts.Policy.Caching;
import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.Scope;
import dev.millrace.contracts.Sha256;
import dev.millrace.contracts.Status;
import dev.millrace.contracts.Tier;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One sequence of operations against one ledger: plays the callers, the workers, the relay and the
/// operator, and gives everything that goes in and comes out to the [Facts].
final class Simulation implements AutoCloseable {

  static final long RUN_MS = 60_000;

  /// Room for all questions but one, and for one large result.
  private static final Budget BUDGET = new Budget(2, 600_000);

  private static final String ORGANIZATION = "org-1";
  private static final int LONGEST_DRAIN_STEPS = 500;

  private static final List<Policy> POLICIES =
      List.of(
          new Policy(600_000L, 0, 4, List.of(1_000L, 10_000L, 60_000L), 60_000, false, 50, null),
          new Policy(null, 30_000, 2, List.of(1_000L), 60_000, true, 50, null),
          new Policy(600_000L, 600_000, 3, List.of(), 60_000, false, 50, null));

  /// What a type may say about refreshing: nothing, one thing, or all of them.
  private static final List<Caching> CACHINGS =
      List.of(
          caching(null, null, null, null),
          caching(3_600_000L, null, null, null),
          caching(null, 4.0, null, null),
          caching(null, null, 300_000L, 1_200_000L),
          caching(600_000L, 4.0, 300_000L, 1_200_000L));

  private static final List<String> TYPES = List.of("simulation", "notification", "simulation");
  private static final List<RequestHash> HASHES =
      List.of(hash("question 0"), hash("question 1"), hash("question 2"));

  private final SimulatedLedger ledger;
  private final Facts facts;
  private final @Nullable Consumer<String> trace;
  private final List<Object> inputs = new ArrayList<>();
  private final List<Admitted> requests = new ArrayList<>();
  private final List<Job> queued = new ArrayList<>();
  private final List<Job> delayed = new ArrayList<>();
  private final List<Run> runs = new ArrayList<>();
  private final ArrayDeque<Outcome.Check> checks = new ArrayDeque<>();
  private final List<Policy> policies = new ArrayList<>(POLICIES);
  private long offset;

  private record Run(Job job, String id) {}

  /// @param trace gets a line for everything that goes in and comes out; null: nobody reads it
  Simulation(Fault fault, @Nullable Consumer<String> trace) {
    this.trace = trace;
    ledger = new SimulatedLedger(BUDGET, fault, this::sent);
    facts = new Facts(ledger);
  }

  /// @throws Facts.Impossible when the ledger does what cannot be right
  static void run(List<Operation> operations, Fault fault, @Nullable Consumer<String> trace) {
    try (var simulation = new Simulation(fault, trace)) {
      operations.forEach(simulation::apply);
      simulation.drain(operations.size() % 2 == 0);
    }
  }

  private void apply(Operation operation) {
    switch (operation) {
      case Operation.Define define -> define(define.question(), CACHINGS.get(define.caching()));
      case Operation.Submit submit -> submit(request(submit));
      case Operation.Crowd crowd -> {
        for (int i = 0; i < crowd.size(); i++) {
          submit(request(crowd.question(), "crowd-" + offset, Tier.FREE));
        }
      }
      case Operation.Repeat repeat -> at(requests, repeat.back(), this::submit);
      case Operation.Redeliver again -> at(inputs, again.back(), this::put);
      case Operation.Start start -> at(queued, start.back(), this::start);
      case Operation.Heartbeat beat ->
          at(runs, beat.back(), run -> put(heartbeat(run, beat.waiting())));
      case Operation.Succeed succeed ->
          at(runs, succeed.back(), run -> put(succeeded(run, succeed.padding(), succeed.says())));
      case Operation.Fail fail -> at(runs, fail.back(), run -> put(failed(run, fail)));
      case Operation.Stop stop -> at(runs, stop.back(), run -> put(stopped(run)));
      case Operation.Decline decline -> {
        if (decline.started()) {
          at(runs, decline.back(), run -> put(declined(run.job(), run.id(), decline)));
        } else {
          at(queued, decline.back(), job -> put(declined(job, null, decline)));
        }
      }
      case Operation.Return back -> at(delayed, back.back(), job -> put(due(job)));
      case Operation.Cancel cancel ->
          command(new Command.Cancel(null, null, ORGANIZATION, "r" + cancel.name()));
      case Operation.Invalidate invalidate -> command(invalidate(invalidate.subject()));
      case Operation.WarmUp warmUp -> command(warmUp(warmUp.wanted()));
      case Operation.Pass pass -> pass(Duration.ofMillis(pass.ms()), pass.seen());
      case Operation.Jump jump -> {
        trace("jump ", Duration.ofMillis(jump.ms()));
        ledger.jump(Duration.ofMillis(jump.ms()));
      }
      case Operation.ReadChecks read -> readChecks(read.most());
      case Operation.TakeOver() -> takeOver();
    }
  }

  /// Lets everything come to its end: workers finish what they are given and time passes. What runs
  /// never speaks again.
  ///
  /// @param lost whether the records that wait in lanes and retry topics are gone
  private void drain(boolean lost) {
    trace("drain", lost ? ", with lanes and retries lost" : "");
    if (lost) {
      queued.clear();
      delayed.clear();
    }
    long step = 2_000;
    for (int i = 0; facts.open() > 0; i++) {
      if (i > LONGEST_DRAIN_STEPS) {
        throw new Facts.Impossible("never ends: " + facts.unended());
      }
      finishQueued();
      readChecks(Integer.MAX_VALUE);
      pass(Duration.ofMillis(step), true);
      returnDelayed();
      step = Math.min(step * 5 / 4, 60_000);
    }
    for (int i = 0; i < 4; i++) {
      readChecks(Integer.MAX_VALUE);
      pass(Duration.ofMinutes(31), true);
    }
    facts.drained();
  }

  private void finishQueued() {
    var jobs = List.copyOf(queued);
    queued.clear();
    for (var job : jobs) {
      start(job);
      var run = runs.getLast();
      if (facts.holds(job.requestHash(), run.id())) {
        put(succeeded(run, 0, 0));
      }
    }
  }

  private void returnDelayed() {
    var jobs = List.copyOf(delayed);
    delayed.clear();
    for (var job : jobs) {
      if (job.notBefore() == null || !ledger.wall().isBefore(job.notBefore())) {
        put(due(job));
      } else {
        delayed.add(job);
      }
    }
  }

  private void define(int question, Caching caching) {
    trace("define ", caching);
    var policy = POLICIES.get(question);
    policies.set(
        question,
        new Policy(
            policy.ttlMs(),
            policy.negativeTtlMs(),
            policy.maxAttempts(),
            policy.backoffMs(),
            policy.runLimitMs(),
            policy.effect(),
            policy.costScore(),
            caching));
  }

  private void submit(Admitted request) {
    var produced = request.withOrigin(new Origin("requests", 0, offset++));
    requests.add(produced);
    put(produced);
  }

  private void command(Command command) {
    put(command.admitted("command-" + offset, new Origin("commands", 0, offset++)));
  }

  private void start(Job job) {
    var run = new Run(job, "run-" + runs.size());
    runs.add(run);
    put(
        new Outcome.Started(
            job.jobId(), job.requestHash(), job.epoch(), run.id(), "w", ledger.wall()));
  }

  private void pass(Duration time, boolean seen) {
    trace(seen ? "pass " : "pass unseen ", time);
    if (seen) {
      facts.begin(null);
      ledger.pass(time);
      facts.end();
    } else {
      ledger.passUnseen(time);
    }
  }

  private void readChecks(int most) {
    for (int i = 0; i < most && !checks.isEmpty(); i++) {
      put(checks.removeFirst());
    }
  }

  private void takeOver() {
    trace("take over", "");
    ledger.takeOver();
    facts.takenOver();
  }

  private void put(Object input) {
    inputs.add(input);
    trace("> ", input);
    facts.begin(input);
    ledger.put(input);
    facts.end();
  }

  private void sent(Object output) {
    trace("    < ", output);
    facts.saw(output);
    switch (output) {
      case Job job when job.status() == Status.QUEUED -> queued.add(job);
      case Job job when job.status() == Status.RETRYING -> delayed.add(job);
      case Outcome.Check check -> checks.addLast(check);
      default -> {}
    }
  }

  private void trace(String what, Object about) {
    if (trace != null) {
      var text = about.toString();
      trace.accept(what + (text.length() > 2_000 ? text.substring(0, 2_000) + " …" : text));
    }
  }

  private static <T> void at(List<T> past, int back, Consumer<T> action) {
    if (!past.isEmpty()) {
      action.accept(past.get(past.size() - 1 - back % past.size()));
    }
  }

  private Outcome heartbeat(Run run, boolean waiting) {
    var job = run.job();
    return new Outcome.Heartbeat(
        job.jobId(), job.requestHash(), job.epoch(), run.id(), "w", waiting, ledger.wall());
  }

  private Outcome succeeded(Run run, int padding, int says) {
    var job = run.job();
    return new Outcome.Succeeded(
        job.jobId(),
        job.requestHash(),
        job.epoch(),
        run.id(),
        "w",
        RUN_MS,
        null,
        answer(padding),
        null,
        null,
        Sha256.hex("says " + says),
        ledger.wall());
  }

  /// An answer unlike any before.
  private ObjectNode answer(int padding) {
    var answer = Json.MAPPER.createObjectNode().put("answer", "answer-" + offset++);
    if (padding > 0) {
      answer.put("padding", "x".repeat(padding));
    }
    return answer;
  }

  private Outcome failed(Run run, Operation.Fail fail) {
    var job = run.job();
    return new Outcome.Failed(
        job.jobId(),
        job.requestHash(),
        job.epoch(),
        run.id(),
        "w",
        RUN_MS,
        new Failure("HANDLER_FAILED", "failure-" + offset++, fail.retryable(), job.attempt()),
        fail.retryAfterMs(),
        ledger.wall());
  }

  private Outcome stopped(Run run) {
    var job = run.job();
    return new Outcome.Cancelled(
        job.jobId(), job.requestHash(), job.epoch(), run.id(), "w", ledger.wall());
  }

  private Outcome declined(Job job, @Nullable String run, Operation.Decline decline) {
    return new Outcome.Declined(
        job.jobId(), job.requestHash(), job.epoch(), run, "w", decline.reason(), ledger.wall());
  }

  private Outcome due(Job job) {
    return new Outcome.Due(job.jobId(), job.requestHash(), job.epoch(), ledger.wall());
  }

  private static Command invalidate(int subject) {
    return switch (subject) {
      case 0, 1, 2, 3, 4 ->
          new Command.Invalidate(
              null, null, Operation.TAGS.get(subject % 3), null, null, null, null);
      case 5 -> new Command.Invalidate(null, null, null, TYPES.getFirst(), null, null, null);
      default ->
          new Command.Invalidate(null, null, null, null, HASHES.get(subject % 3), null, null);
    };
  }

  private Command warmUp(List<Operation.Wanted> wanted) {
    return new Command.WarmUp(null, null, null, wanted.stream().map(this::warm).toList());
  }

  private Command.WarmUp.Warm warm(Operation.Wanted wanted) {
    var request =
        request(
            wanted.question(),
            "warm-up",
            wanted.tier(),
            wanted.mode(),
            wanted.ttlMs(),
            null,
            wanted.tags(),
            null,
            wanted.maxAttempts(),
            null);
    return new Command.WarmUp.Warm(request, wanted.given() < 0 ? null : answer(wanted.given()));
  }

  private Admitted request(Operation.Submit submit) {
    JobId answered = null;
    if (submit.answered() >= 0 && !runs.isEmpty()) {
      answered = runs.get(runs.size() - 1 - submit.answered() % runs.size()).job().jobId();
    }
    return request(
        submit.question(),
        "r" + submit.name(),
        submit.tier(),
        submit.mode(),
        submit.ttlMs(),
        submit.maxStaleMs(),
        submit.tags(),
        submit.timeoutMs(),
        submit.maxAttempts(),
        answered);
  }

  private Admitted request(int question, String name, Tier tier) {
    return request(
        question,
        name,
        tier,
        dev.millrace.contracts.CacheMode.DEFAULT,
        null,
        null,
        List.of(),
        null,
        null,
        null);
  }

  private Admitted request(
      int question,
      String name,
      Tier tier,
      dev.millrace.contracts.CacheMode mode,
      @Nullable Long ttlMs,
      @Nullable Long maxStaleMs,
      List<String> tags,
      @Nullable Long timeoutMs,
      @Nullable Integer maxAttempts,
      @Nullable JobId answered) {
    ObjectNode params = Json.MAPPER.createObjectNode().put("question", question);
    return new Admitted(
        TYPES.get(question),
        HASHES.get(question),
        tier,
        name,
        ORGANIZATION,
        null,
        null,
        Scope.ORGANIZATION,
        mode,
        ttlMs,
        maxStaleMs,
        tags,
        timeoutMs,
        null,
        maxAttempts,
        null,
        new Origin("requests", 0, 0),
        policies.get(question),
        null,
        answered,
        null,
        params);
  }

  private static Caching caching(
      @Nullable Long staleMs, @Nullable Double beta, @Nullable Long least, @Nullable Long most) {
    return new Caching(staleMs, beta, least, most, null, null, null);
  }

  private static RequestHash hash(String question) {
    return RequestHash.of(Sha256.hex(question));
  }

  @Override
  public void close() {
    ledger.close();
  }
}
