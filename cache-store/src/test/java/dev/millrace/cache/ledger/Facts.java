package dev.millrace.cache.ledger;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.contracts.Admitted;
import dev.millrace.contracts.CacheMode;
import dev.millrace.contracts.Command;
import dev.millrace.contracts.Command.WarmUp.Warm;
import dev.millrace.contracts.Completion;
import dev.millrace.contracts.Control;
import dev.millrace.contracts.Decision;
import dev.millrace.contracts.DecisionKind;
import dev.millrace.contracts.DeclineReason;
import dev.millrace.contracts.Job;
import dev.millrace.contracts.JobId;
import dev.millrace.contracts.JsonSerde;
import dev.millrace.contracts.Outcome;
import dev.millrace.contracts.Policy;
import dev.millrace.contracts.Progress;
import dev.millrace.contracts.Receipt;
import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.Source;
import dev.millrace.contracts.Status;
import dev.millrace.contracts.Tier;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/// What is known of a simulated ledger from outside, and what can therefore not be. It does not
/// know how a ledger works: it remembers who asked for what and when, which dispatch was bound to
/// which run and what that run said, and objects when something that comes out contradicts it.
final class Facts {

  /* A turn is one input, or one passing of time, and everything that comes out because of it.
  "Before" and "after" an invalidation are places in the list of invalidations applied so far: a
  request has the place at which it came, an epoch that at which it was dispatched. What was
  dispatched at place p is too old for a request that came at place q when one of the invalidations
  p..q-1 covers it. */

  private static final JsonSerde<Entry> ENTRY = new JsonSerde<>(Entry.class);
  private static final Duration READERS_LAG = Duration.ofSeconds(2);
  private static final Duration SILENCE_THAT_ENDS_A_LEASE = Duration.ofSeconds(6);

  private final SimulatedLedger ledger;
  private final Map<Caller, Asked> asked = new LinkedHashMap<>();
  private final Map<JobId, Work> jobs = new LinkedHashMap<>();
  private final Map<RequestHash, Work> open = new HashMap<>();
  private final Map<RequestHash, Kept> kept = new HashMap<>();
  private final Map<RequestHash, Instant> paused = new HashMap<>();
  private final Map<RequestHash, Spell> spells = new HashMap<>();
  private final Map<Long, Epoch> epochs = new HashMap<>();
  private final Map<String, Made> made = new HashMap<>();
  private final List<Command.Invalidate> invalidations = new ArrayList<>();
  private final Map<String, Command> unanswered = new HashMap<>();
  private final Map<String, Instant> notAnsweredBefore = new HashMap<>();
  private final Map<String, Receipt> receipts = new HashMap<>();
  private final Set<String> cancelledNames = new HashSet<>();
  private final Set<String> cancelledAhead = new HashSet<>();
  private long lastEpoch = -1;
  private long lastSequence;
  private Instant lastAt = Instant.EPOCH;
  private long lastNanos;
  private Turn turn = new Turn(null);

  /// The ledger did what cannot be right.
  static final class Impossible extends AssertionError {
    private static final long serialVersionUID = 1;

    Impossible(String message) {
      super(message);
    }
  }

  private record Caller(String requestId, RequestHash hash) {}

  /// A request.
  private static final class Asked {
    final Admitted request;
    final int place;
    final boolean cancelledAhead;
    @Nullable Source source;
    @Nullable Instant waitsSince;

    /// The job it waits for beyond doubt.
    @Nullable Work job;

    @Nullable Completion end;
    boolean tooLate;

    Asked(Admitted request, int place, boolean cancelledAhead) {
      this.request = request;
      this.place = place;
      this.cancelledAhead = cancelledAhead;
    }
  }

  /// A job.
  private static final class Work {
    final JobId id;
    final RequestHash hash;
    final String type;
    final Policy policy;

    /// The place of its first epoch.
    final int place;

    final Set<String> tags = new HashSet<>();
    final Set<Long> startable = new HashSet<>();
    boolean stores;
    @Nullable Long ttlMs = 0L;
    int maxAttempts;
    long epoch;
    int attempt;
    Tier lane = Tier.FREE;
    @Nullable Held held;
    @Nullable Instant notBefore;
    boolean attemptCounts;
    int lost;

    /// The place at which it was last wanted though nobody may wait: by a refresh or a warm-up.
    @Nullable Integer wantedAt;

    boolean inBackground;
    boolean nobodyWaits;
    boolean ended;
    @Nullable Made failure;
    int buried;

    Work(JobId id, RequestHash hash, String type, Policy policy, int place) {
      this.id = id;
      this.hash = hash;
      this.type = type;
      this.policy = policy;
      this.place = place;
    }

    void wantedBy(Admitted request) {
      tags.addAll(request.tags());
      maxAttempts =
          Math.max(
              maxAttempts,
              request.maxAttempts() == null ? policy.maxAttempts() : request.maxAttempts());
      if (request.mode() != CacheMode.BYPASS) {
        stores = true;
        var wanted = request.ttlMs() == null ? policy.ttlMs() : request.ttlMs();
        ttlMs = wanted == null || ttlMs == null ? null : Long.valueOf(Math.max(ttlMs, wanted));
      }
    }
  }

  /// A run that may go on.
  private static final class Held {
    final long epoch;
    final String run;
    long heard;

    Held(long epoch, String run, long heard) {
      this.epoch = epoch;
      this.run = run;
      this.heard = heard;
    }

    boolean is(long otherEpoch, @Nullable String otherRun) {
      return epoch == otherEpoch && run.equals(otherRun);
    }
  }

  private static final class Epoch {
    final Work job;
    final int place;
    final int attempt;
    @Nullable String run;
    boolean failed;
    boolean succeeded;

    Epoch(Work job, int place, int attempt) {
      this.job = job;
      this.place = place;
      this.attempt = attempt;
    }
  }

  /// What a run that counted made: an answer, or a failure.
  ///
  /// @param bytes of the answer
  /// @param says the digest of the answer
  private record Made(
      Work job,
      int place,
      int attempt,
      @Nullable JsonNode result,
      String text,
      long bytes,
      @Nullable String says) {}

  /// An answer that is kept.
  ///
  /// @param given whether an operator gave it
  private record Kept(
      Made made,
      Set<String> tags,
      boolean failure,
      boolean given,
      Instant at,
      @Nullable Instant expiresAt) {

    /// What computing it took.
    long runMs() {
      return failure || given ? 0 : Simulation.RUN_MS;
    }

    /// How long past its TTL the type promises it to whoever asks.
    long staleMs() {
      var caching = made.job().policy.caching();
      var staleMs = caching == null ? null : caching.staleWhileRevalidateMs();
      return failure || staleMs == null ? 0 : staleMs;
    }

    Instant until() {
      return expiresAt == null ? Instant.MAX : expiresAt.plusMillis(staleMs());
    }
  }

  /// How long the last answer of a hash was good, where that adapts.
  private record Spell(long ttlMs, Instant from, @Nullable String says, Instant forgotten) {}

  private static final class Turn {
    final @Nullable Object input;
    final List<Control.Revoke> revokes = new ArrayList<>();
    final List<Asked> waitingBefore = new ArrayList<>();
    final List<Completion> completions = new ArrayList<>();
    final Set<DecisionKind> decisions = new HashSet<>();

    /// What a warm-up wants that nothing was decided about yet.
    final Deque<Warm> wanted = new ArrayDeque<>();

    Receipt.WarmUp warmedUp = Receipt.WarmUp.NOTHING;
    @Nullable Asked asked;
    @Nullable Work joined;
    boolean replay;
    boolean repeat;
    boolean endedBefore;
    @Nullable Kept hit;
    boolean stale;
    @Nullable Kept toRefresh;
    boolean refreshed;
    @Nullable Work closed;
    @Nullable Work leaseOver;
    @Nullable Made made;
    boolean told;

    Turn(@Nullable Object input) {
      this.input = input;
    }
  }

  Facts(SimulatedLedger ledger) {
    this.ledger = ledger;
  }

  /// How many requests and jobs have not ended.
  int open() {
    return open.size() + (int) asked.values().stream().filter(one -> one.end == null).count();
  }

  List<String> unended() {
    return Stream.concat(
            open.keySet().stream().map(hash -> "job of " + hash.prefix()),
            asked.entrySet().stream()
                .filter(one -> one.getValue().end == null)
                .map(one -> one.getKey().requestId()))
        .toList();
  }

  /// Whether this run is the one that may go on.
  boolean holds(RequestHash hash, String run) {
    var job = open.get(hash);
    return job != null && job.held != null && job.held.run.equals(run);
  }

  /// A new process: runs get their time to be heard by it.
  void takenOver() {
    lastNanos = ledger.nanos();
    for (var job : open.values()) {
      if (job.held != null) {
        job.held.heard = ledger.nanos();
      }
    }
  }

  void begin(@Nullable Object input) {
    turn = new Turn(input);
    switch (input) {
      case Admitted request -> {
        var caller = new Caller(request.requestId(), request.requestHash());
        var known = asked.get(caller);
        if (known == null) {
          known =
              new Asked(
                  request, invalidations.size(), cancelledAhead.contains(request.requestId()));
          asked.put(caller, known);
        } else {
          turn.replay = known.request.origin().equals(request.origin());
          turn.repeat = !turn.replay;
          turn.endedBefore = known.end != null;
        }
        turn.asked = known;
      }
      case Command command -> {
        turn.replay =
            receipts.containsKey(command.commandId())
                || unanswered.containsKey(command.commandId());
        if (!turn.replay) {
          applied(command);
        }
      }
      case null, default -> {}
    }
  }

  private void applied(Command command) {
    unanswered.put(command.commandId(), command);
    if (command instanceof Command.WarmUp warmUp) {
      turn.wanted.addAll(warmUp.wanted());
    } else if (command instanceof Command.Invalidate invalidate) {
      if (!invalidate.dry()) {
        invalidations.add(invalidate);
      }
    } else if (command instanceof Command.Cancel cancel) {
      cancelledNames.add(cancel.requestId());
      asked.forEach((caller, one) -> {
        if (caller.requestId().equals(cancel.requestId()) && one.end == null) {
          turn.waitingBefore.add(one);
        }
      });
      if (asked.keySet().stream().noneMatch(one -> one.requestId().equals(cancel.requestId()))) {
        cancelledAhead.add(cancel.requestId());
      }
    }
  }

  void saw(Object output) {
    switch (output) {
      case Decision decision -> decided(decision);
      case Completion completion -> completed(completion);
      case Job job -> sent(job);
      case Control.Grant grant -> granted(grant);
      case Control.Revoke revoke -> turn.revokes.add(revoke);
      case Progress progress -> closed(progress);
      case Receipt receipt -> answered(receipt);
      case Record<?, ?> rejected -> throw new Impossible("an input was put aside: " + rejected);
      default -> {}
    }
  }

  void end() {
    require(ledger.errors().isEmpty(), "the ledger failed", ledger.errors());
    require(ledger.budget().exceeded(kept.size(), keptBytes()) == null, "over the budget");
    switch (turn.input) {
      case Admitted request -> {
        var one = Objects.requireNonNull(turn.asked);
        require(one.end != null || one.source != null, "a request is neither answered nor waits");
        boolean oncemore = turn.repeat && turn.endedBefore;
        require(!turn.replay || turn.completions.isEmpty(), "a replayed request is answered again");
        require(
            !turn.repeat || turn.completions.size() == (oncemore ? 1 : 0),
            "a repeated request gets its completion once more when it has ended, and only then");
        require(
            turn.refreshed == (turn.toRefresh != null),
            "an answer that should be computed again is not");
        var job = turn.joined;
        boolean queued = job != null && job.held == null && job.notBefore == null;
        require(
            !queued || !(job.inBackground || request.tier().betterThan(job.lane)),
            "joined what waits in a worse lane, and not promoted");
      }
      case Command command -> {
        require(
            turn.told || unanswered.get(command.commandId()) instanceof Command.Invalidate,
            "a command without a receipt");
        require(
            !turn.replay || (turn.decisions.isEmpty() && turn.completions.isEmpty()),
            "a command is applied twice");
        require(turn.wanted.isEmpty(), "a warm-up about which nothing is decided");
        for (var one : turn.waitingBefore) {
          require(
              one.tooLate || (one.end != null && one.end.status() == Status.CANCELLED),
              "a cancel was answered and the request still waits",
              one.request.requestId());
        }
      }
      case Outcome.Started started -> heard(started, started.runId());
      case Outcome.Heartbeat beat -> heard(beat, beat.runId());
      case null, default -> {}
    }
    for (var job : open.values()) {
      var held = job.held;
      require(
          held == null
              || turn.revokes.stream()
                  .noneMatch(revoke ->
                      revoke.epoch() == held.epoch
                          && (revoke.runId() == null || revoke.runId().equals(held.run))),
          "the run that may go on is told to stop");
    }
  }

  private void heard(Outcome outcome, String run) {
    var job = open.get(outcome.requestHash());
    if (job != null && job.held != null && job.held.is(outcome.epoch(), run)) {
      job.held.heard = ledger.nanos();
      return;
    }
    require(
        turn.revokes.stream()
            .anyMatch(revoke -> revoke.epoch() == outcome.epoch() && run.equals(revoke.runId())),
        "a run that is not wanted is not told to stop");
  }

  // ---------------------------------------------------------------- decisions

  private void decided(Decision decision) {
    require(decision.sequence() == lastSequence + 1, "the sequence has a gap", decision);
    lastSequence = decision.sequence();
    var at = decision.at();
    require(!at.isBefore(lastAt), "the clock goes back");
    require(!at.isBefore(ledger.wall()), "the clock is behind the wall clock");
    require(!at.isBefore(lastAt.plusNanos(ledger.nanos() - lastNanos)), "the clock stands still");
    lastAt = at;
    lastNanos = ledger.nanos();
    require(!turn.replay, "a replay is decided upon");
    turn.decisions.add(decision.decision());
    if (turn.input instanceof Command.WarmUp && decision.decision() != DecisionKind.EVICTED) {
      warmedUp(decision);
      return;
    }
    switch (decision.decision()) {
      case HIT -> hit(decision);
      case JOINED -> joined(decision);
      case DISPATCHED -> dispatched(decision);
      case PROMOTED -> promoted(decision);
      case REDISPATCHED -> redispatched(decision);
      case STARTED -> started(decision);
      case REVOKED -> revoked(decision);
      case RETRIED -> retried(decision);
      case SUCCEEDED -> succeeded(decision);
      case FAILED -> failed(decision);
      case DEAD_LETTERED -> require(job(decision).failure != null, "buried and not failed");
      case STORED -> stored(decision);
      case NOT_STORED -> notStored(decision);
      case EXPIRED -> expired(decision);
      case EVICTED -> evicted(decision);
      case CANCELLED -> cancelled(decision);
      case TOO_LATE -> tooLate(decision);
      case STALE_OUTCOME -> stale();
      case REPEATED -> require(turn.repeat, "repeated, and never asked before");
      case INVALIDATED -> invalidated(decision);
      case REFUSED -> {}
    }
  }

  private void invalidated(Decision decision) {
    require(turn.input instanceof Command.Invalidate, "invalidated by nobody");
    var command = (Command.Invalidate) turn.input;
    require(!command.dry(), "a dry run invalidates");
    require(decision.generation() == invalidations.size(), "another generation", decision);
    notAnsweredBefore.put(command.commandId(), decision.at().plus(READERS_LAG));
  }

  /// An answer is wanted before anybody asks: in its turn it is known, begun, joined, stored or
  /// refused, and nothing else happens.
  private void warmedUp(Decision decision) {
    var warm = turn.wanted.pollFirst();
    require(warm != null && decision.requestId() == null, "decided for no warm-up", decision);
    var request = warm.request();
    require(request.requestHash().equals(decision.requestHash()), "not the warm-up's turn");
    var answer = kept.get(request.requestHash());
    boolean known =
        answer != null
            && request.mode() != CacheMode.REFRESH
            && !covered(answer, request)
            && decision.at().isBefore(until(answer, request));
    var result = warm.result();
    var became =
        result == null
            ? computed(decision, request, known ? answer : null)
            : given(decision, request, result, known ? answer : null);
    turn.warmedUp = turn.warmedUp.plus(became);
  }

  private Receipt.WarmUp computed(Decision decision, Admitted request, @Nullable Kept known) {
    if (known != null) {
      require(decision.decision() == DecisionKind.HIT, "warmed up though it is known", decision);
      require(known.made().job().id.equals(decision.jobId()), "another answer is known");
      return new Receipt.WarmUp(0, 0, 1, 0);
    }
    var job = open.get(request.requestHash());
    if (job == null) {
      require(decision.decision() == DecisionKind.DISPATCHED, "a warm-up begins nothing", decision);
      var begun = newWork(decision, request);
      begun.wantedBy(request);
      begun.wantedAt = invalidations.size();
      begin(begun, decision);
      return new Receipt.WarmUp(1, 0, 0, 0);
    }
    if (decision.decision() == DecisionKind.NOT_STORED) {
      var tags = new HashSet<>(job.tags);
      tags.addAll(request.tags());
      require(
          covered(job.place, invalidations.size(), tags, job.type, job.hash),
          "a warm-up is refused though the job in flight will do");
      return new Receipt.WarmUp(0, 0, 0, 1);
    }
    require(decision.decision() == DecisionKind.JOINED, "a warm-up does not join", decision);
    require(job.id.equals(decision.jobId()), "joined another job");
    job.wantedBy(request);
    job.wantedAt = invalidations.size();
    return new Receipt.WarmUp(0, 0, 1, 0);
  }

  private Receipt.WarmUp given(
      Decision decision, Admitted request, JsonNode result, @Nullable Kept known) {
    boolean better = known != null && !known.given() && !known.failure();
    if (better || tooLarge(result)) {
      require(decision.decision() == DecisionKind.NOT_STORED, "stored as given", decision);
      return better ? new Receipt.WarmUp(0, 0, 1, 0) : new Receipt.WarmUp(0, 0, 0, 1);
    }
    require(decision.decision() == DecisionKind.STORED, "not stored for no reason", decision);
    var ttl = request.ttlMs() == null ? request.policy().ttlMs() : request.ttlMs();
    require(
        Objects.equals(decision.expiresAt(), ttl == null ? null : decision.at().plusMillis(ttl)),
        "stored for another time than it was given for");
    var job = newWork(decision, request);
    risen(epoch(decision));
    var answer =
        new Made(job, job.place, 0, result, text(result), result.toString().length(), null);
    made.put(answer.text(), answer);
    paused.remove(job.hash);
    kept.put(
        job.hash,
        new Kept(
            answer, Set.copyOf(request.tags()), false, true, decision.at(), decision.expiresAt()));
    return new Receipt.WarmUp(0, 1, 0, 0);
  }

  private void hit(Decision decision) {
    var request = newRequest();
    if (Objects.equals(decision.reason(), "answered")) {
      require(answeredAtTheDoor(request), "the door has not answered this");
      givenAtTheDoor(request, decision.at());
      return;
    }
    var answer = kept.get(request.requestHash());
    require(answer != null, "a hit of nothing");
    require(
        request.mode() != CacheMode.REFRESH && request.mode() != CacheMode.BYPASS,
        "the request does not want a cached answer");
    require(!covered(answer, request), "a hit of what was invalidated before the request came");
    boolean stale = !decision.at().isBefore(until(answer, request));
    require(decision.at().isBefore(staleUntil(answer, request)), "a hit after its time");
    require(
        Objects.equals(decision.reason(), stale ? "stale" : null), "stale and fresh are confused");
    turn.hit = answer;
    turn.stale = stale;
    turn.toRefresh = shouldBeRefreshed(answer, request, decision.at()) ? answer : null;
  }

  private void givenAtTheDoor(Admitted request, Instant at) {
    var answer = kept.get(request.requestHash());
    if (answer != null
        && !answer.failure()
        && answer.made().job().id.equals(request.answered())
        && at.isBefore(answer.until())
        && !covered(answer, request)
        && shouldBeRefreshed(answer, request, at)) {
      turn.toRefresh = answer;
    }
  }

  /// Whether giving this answer must have it computed again.
  private boolean shouldBeRefreshed(Kept answer, Admitted request, Instant at) {
    var caching = request.policy().caching();
    var pause = paused.get(request.requestHash());
    var oldest = oldest(request);
    var end = answer.expiresAt() == null ? Instant.MAX : answer.expiresAt();
    if (oldest != null && answer.at().plusMillis(oldest).isBefore(end)) {
      end = answer.at().plusMillis(oldest);
    }
    if (caching == null
        || answer.failure()
        || end.equals(Instant.MAX)
        || request.policy().effect()
        || !mayCompute(request)
        || open.containsKey(request.requestHash())
        || (pause != null && at.isBefore(pause))) {
      return false;
    }
    if (!at.isBefore(end)) {
      return caching.staleWhileRevalidateMs() != null;
    }
    var beta = caching.refreshBeta();
    double drawn = Refreshes.draw(request.requestHash(), request.origin());
    double gap = Duration.between(at, end).toMillis();
    return beta != null && gap <= -Math.log(drawn) * answer.runMs() * beta;
  }

  private void joined(Decision decision) {
    var request = newRequest();
    var job = openJob(decision);
    unexplained(request, decision.at());
    job.wantedBy(request);
    boolean outlived = covered(job.place, invalidations.size(), job.tags, job.type, job.hash);
    if (job.wantedAt != null && outlived) {
      job.wantedAt = job.place; // a tag the joiner brings may make the answer untrue
    }
    turn.joined = job;
    waits(job, Source.JOINED, decision.at());
  }

  private void dispatched(Decision decision) {
    var hash = Objects.requireNonNull(decision.requestHash());
    require(!open.containsKey(hash), "a second job of one hash");
    final Work job;
    if (decision.requestId() != null) {
      var request = newRequest();
      unexplained(request, decision.at());
      job = newWork(decision, request);
      job.wantedBy(request);
      waits(job, Source.COMPUTED, decision.at());
    } else if (turn.closed == null && turn.toRefresh != null) {
      job = refresh(decision, Objects.requireNonNull(turn.asked).request, turn.toRefresh);
    } else {
      var before = turn.closed;
      require(before != null && before.hash.equals(hash), "a job that nobody asked for");
      job = newWork(decision, before.type, before.policy);
      job.tags.addAll(before.tags);
      job.stores = before.stores;
      job.ttlMs = before.ttlMs;
      job.maxAttempts = before.maxAttempts;
      waiters(before).forEach(one -> one.job = job);
    }
    begin(job, decision);
  }

  private void begin(Work job, Decision decision) {
    open.put(job.hash, job);
    job.attempt = 1;
    newEpoch(job, decision);
  }

  private Work newWork(Decision decision, Admitted request) {
    return newWork(decision, request.type(), request.policy());
  }

  private Work newWork(Decision decision, String type, Policy policy) {
    var hash = Objects.requireNonNull(decision.requestHash());
    var job = new Work(id(decision), hash, type, policy, invalidations.size());
    require(jobs.put(job.id, job) == null, "a job id is used twice");
    return job;
  }

  private Work refresh(Decision decision, Admitted request, Kept answer) {
    require(!turn.refreshed, "computed again twice");
    turn.refreshed = true;
    var job = newWork(decision, request);
    job.tags.addAll(answer.tags());
    job.tags.addAll(request.tags());
    job.stores = true;
    job.ttlMs = request.policy().ttlMs();
    job.maxAttempts = request.policy().maxAttempts();
    job.wantedAt = job.place;
    return job;
  }

  private void promoted(Decision decision) {
    var job = openJob(decision);
    require(job.held == null && job.notBefore == null, "promoted, and does not wait in a lane");
    require(job.inBackground || lane(decision).betterThan(job.lane), "promoted to no better lane");
    newEpoch(job, decision);
  }

  private void redispatched(Decision decision) {
    var job = openJob(decision);
    boolean another = false;
    if (turn.leaseOver == job) {
      another = true;
    } else if (job.held != null) {
      boolean given =
          switch (turn.input) {
            case Outcome.Declined declined ->
                job.held.is(declined.epoch(), declined.runId()) && !waits(declined.reason());
            case Outcome.Cancelled stopped -> job.held.is(stopped.epoch(), stopped.runId());
            case null, default -> false;
          };
      require(given, "a second dispatch while a run goes on");
    } else if (job.notBefore != null) {
      require(!decision.at().isBefore(job.notBefore), "dispatched before its time");
      another = job.attemptCounts;
    } else {
      require(
          turn.input instanceof Outcome.Declined declined
              && declined.epoch() == job.epoch
              && !waits(declined.reason()),
          "dispatched again for no reason");
    }
    job.held = null;
    job.notBefore = null;
    job.attempt += another ? 1 : 0;
    newEpoch(job, decision);
  }

  private void started(Decision decision) {
    var job = openJob(decision);
    long epoch = epoch(decision);
    require(
        turn.input instanceof Outcome.Started started
            && started.epoch() == epoch
            && started.runId().equals(decision.runId()),
        "what did not start is started");
    require(job.held == null, "a second run while the first goes on");
    require(job.notBefore == null, "started before its time");
    require(job.startable.contains(epoch), "started under an epoch that no longer counts");
    require(job.attempt == decision.attempt(), "started in another attempt");
    var started = epochs.get(epoch);
    require(started.run == null, "an epoch with two runs");
    started.run = decision.runId();
    job.startable.clear();
    job.held = new Held(epoch, decision.runId(), ledger.nanos());
  }

  private void revoked(Decision decision) {
    var job = open.get(decision.requestHash());
    if (job == null || job.held == null || !job.held.is(epoch(decision), decision.runId())) {
      require(!(turn.input instanceof Outcome.Check), "the lease of nobody is over");
      return;
    }
    if (turn.input instanceof Outcome.Check) {
      require(
          ledger.nanos() - job.held.heard >= SILENCE_THAT_ENDS_A_LEASE.toNanos(),
          "a lease is over though its run was heard");
      turn.leaseOver = job;
      job.lost++;
    } else {
      require(job.ended || job.nobodyWaits, "the run that may go on is revoked");
    }
    job.held = null;
  }

  /// Whether a job that is given back for this has to wait.
  private static boolean waits(DeclineReason reason) {
    return switch (reason) {
      case UNKNOWN_TYPE, NOT_KEPT -> true;
      case DRAIN, BUSY, YIELD -> false;
    };
  }

  private void retried(Decision decision) {
    var job = openJob(decision);
    var notBefore = Objects.requireNonNull(decision.notBefore());
    switch (turn.input) {
      case Outcome.Failed failed -> {
        require(holding(job, failed.epoch(), failed.runId()), "a failure that does not count");
        require(failed.error().retryable(), "a permanent failure is tried again");
        require(job.attempt < job.maxAttempts, "tried again, and out of attempts");
        var backoff = job.policy.backoffMs();
        long least =
            failed.retryAfterMs() != null
                ? failed.retryAfterMs()
                : backoff.isEmpty() ? 0 : backoff.get(Math.min(job.attempt, backoff.size()) - 1);
        require(!notBefore.isBefore(decision.at().plusMillis(least)), "waits too short a time");
        epochs.get(failed.epoch()).failed = true;
        job.attemptCounts = true;
        job.lost = 0;
      }
      case Outcome.Declined declined -> {
        require(waits(declined.reason()), "waits for no reason");
        boolean counts =
            job.held == null
                ? job.notBefore == null && declined.epoch() == job.epoch
                : job.held.is(declined.epoch(), declined.runId());
        require(counts, "what was declined does not count");
        job.startable.remove(declined.epoch());
        epochs.get(declined.epoch()).failed = true;
        job.attemptCounts = false;
      }
      case null, default -> throw new Impossible("retried for no reason");
    }
    job.held = null;
    job.notBefore = notBefore;
  }

  private void succeeded(Decision decision) {
    var job = openJob(decision);
    long number = epoch(decision);
    require(
        turn.input instanceof Outcome.Succeeded succeeded
            && succeeded.epoch() == number
            && succeeded.runId().equals(decision.runId()),
        "what did not succeed has succeeded");
    var epoch = epochs.get(number);
    require(
        epoch.job == job && Objects.equals(epoch.run, decision.runId()),
        "a success of a run that was not started under its epoch");
    require(!epoch.succeeded, "an epoch succeeds twice");
    epoch.succeeded = true;
    var told = (Outcome.Succeeded) turn.input;
    var result = told.result();
    turn.made =
        new Made(
            job,
            epoch.place,
            epoch.attempt,
            result,
            text(result),
            result.toString().length(),
            told.resultSha256());
    made.put(turn.made.text(), turn.made);
    ended(turn.made, number);
  }

  private void failed(Decision decision) {
    var job = openJob(decision);
    var text =
        switch (turn.input) {
          case Outcome.Failed failed -> {
            require(holding(job, failed.epoch(), failed.runId()), "a failure that does not count");
            require(
                !failed.error().retryable() || job.attempt >= job.maxAttempts,
                "given up with attempts left");
            yield failed.error().message();
          }
          case Outcome.Check check -> {
            require(turn.leaseOver == job, "failed, and no lease is over");
            require(job.attempt >= job.maxAttempts || job.lost >= 3, "given up with attempts left");
            yield "";
          }
          case Outcome.Succeeded large -> {
            require(
                Objects.equals(epochs.get(large.epoch()).run, large.runId()) && tooLarge(large),
                "a success has failed");
            yield "";
          }
          case null, default -> throw new Impossible("failed for no reason");
        };
    require(job.failure == null, "failed twice");
    var epoch = epochs.get(epoch(decision));
    turn.made = new Made(job, epoch.place, epoch.attempt, null, text, 0, null);
    job.failure = turn.made;
    ended(turn.made, epoch(decision));
    var answer = kept.get(job.hash);
    if (answer != null && decision.at().isBefore(answer.until())) {
      var tags = new HashSet<>(answer.tags());
      tags.addAll(job.tags);
      if (!covered(answer.made().place(), invalidations.size(), tags, job.type, job.hash)) {
        pause(job, decision.at());
      }
    }
  }

  private static boolean tooLarge(Outcome.Succeeded succeeded) {
    return tooLarge(succeeded.result());
  }

  private static boolean tooLarge(JsonNode result) {
    return result.toString().length() > 512 * 1024;
  }

  /// What was there stays there: that it is computed again has to wait.
  private void pause(Work job, Instant at) {
    if (job.stores) {
      paused.put(job.hash, at.plusMillis(Math.max(10_000, job.policy.negativeTtlMs())));
    }
  }

  private void ended(Made end, long epoch) {
    var job = end.job();
    job.ended = true;
    for (var one : waiters(job)) {
      var request = one.request;
      boolean left =
          covered(end.place(), one.place, request.tags(), request.type(), request.requestHash());
      one.job = left ? job : null;
    }
    if (job.held != null && job.held.epoch == epoch) {
      job.held = null;
    }
  }

  private void stored(Decision decision) {
    var job = openJob(decision);
    require(turn.made != null && turn.made.job() == job, "stored, and nothing was made");
    boolean failure = turn.made.result() == null;
    require(job.stores, "stored, and nobody wants it stored");
    require(
        failure || !covered(turn.made.place(), invalidations.size(), job.tags, job.type, job.hash),
        "stored, and invalidated while it was made");
    var ttl = failure ? Long.valueOf(job.policy.negativeTtlMs()) : job.ttlMs;
    var caching = job.policy.caching();
    if (!failure && caching != null && caching.adapts()) {
      var spell = spell(job, turn.made, decision.at());
      spells.put(job.hash, spell);
      require(
          decision.at().plusMillis(spell.ttlMs()).equals(decision.expiresAt()),
          "another TTL than how the answer changed says",
          spell);
      ttl = null;
    }
    require(
        ttl == null
            || (decision.expiresAt() != null
                && !decision.expiresAt().isAfter(decision.at().plusMillis(ttl))),
        "stored for longer than anybody wants");
    paused.remove(job.hash);
    kept.put(
        job.hash,
        new Kept(
            turn.made, Set.copyOf(job.tags), failure, false, decision.at(), decision.expiresAt()));
  }

  /// How long an answer is good after those before it.
  private Spell spell(Work job, Made answer, Instant at) {
    var last = spells.get(job.hash);
    long least = Objects.requireNonNull(job.policy.caching()).minTtlMs();
    long most = job.policy.caching().maxTtlMs();
    long ttl;
    if (last == null || !at.isBefore(last.forgotten())) {
      ttl = job.policy.ttlMs() == null ? most : job.policy.ttlMs();
    } else if (!Objects.equals(last.says(), answer.says())) {
      ttl = last.ttlMs() / 2;
    } else if (at.isBefore(last.from().plusMillis(last.ttlMs() / 2))) {
      ttl = last.ttlMs();
    } else {
      ttl = last.ttlMs() * 2;
    }
    ttl = Math.max(least, Math.min(most, ttl));
    return new Spell(ttl, at, answer.says(), at.plusMillis(ttl + most));
  }

  private void notStored(Decision decision) {
    var job = openJob(decision);
    var answer = kept.get(job.hash);
    if (answer != null) {
      pause(job, decision.at());
    }
    require(
        !job.stores
            || covered(
                Objects.requireNonNull(turn.made).place(),
                invalidations.size(),
                job.tags,
                job.type,
                job.hash),
        "not stored for no reason");
    require(
        job.wantedAt == null
            || covered(job.wantedAt, invalidations.size(), job.tags, job.type, job.hash),
        "what was wanted before anybody asked comes to nothing");
  }

  private void expired(Decision decision) {
    if (decision.requestId() == null) {
      var answer = kept.remove(decision.requestHash());
      require(answer != null && !decision.at().isBefore(answer.until()), "expired before its time");
    }
  }

  private void evicted(Decision decision) {
    require(
        ledger.budget().exceeded(kept.size(), keptBytes()) != null, "evicted, and there was room");
    require(kept.remove(decision.requestHash()) != null, "evicted, and nothing was kept");
    spells.remove(decision.requestHash());
  }

  private long keptBytes() {
    return kept.values().stream().mapToLong(one -> Answers.bytes(one.made().bytes())).sum();
  }

  private void cancelled(Decision decision) {
    if (decision.requestId() == null) {
      var job = openJob(decision);
      require(job.wantedAt == null, "a refresh or warm-up is given up because nobody waits for it");
      job.nobodyWaits = true;
    }
  }

  private void tooLate(Decision decision) {
    var one = asked.get(new Caller(decision.requestId(), decision.requestHash()));
    require(one != null, "too late for what nobody asked");
    one.tooLate = true;
  }

  private void stale() {
    require(turn.input instanceof Outcome, "stale, and no outcome");
    var outcome = (Outcome) turn.input;
    var job = open.get(outcome.requestHash());
    var epoch = epochs.get(outcome.epoch());
    if (job == null || epoch == null || epoch.job != job) {
      return;
    }
    switch (outcome) {
      case Outcome.Succeeded succeeded ->
          require(
              epoch.failed
                  || epoch.succeeded
                  || (tooLarge(succeeded) && succeeded.epoch() != job.epoch)
                  || !succeeded.runId().equals(epoch.run)
                  || job.epoch - succeeded.epoch() > 16,
              "a success that counts is ignored");
      case Outcome.Failed failed ->
          require(!holding(job, failed.epoch(), failed.runId()), "a failure is ignored");
      case Outcome.Declined declined ->
          require(!holding(job, declined.epoch(), declined.runId()), "a declined job is forgotten");
      default -> {}
    }
  }

  // ---------------------------------------------------------------- everything else

  private void completed(Completion completion) {
    require(!(turn.input instanceof Command.WarmUp), "a warm-up ends a request", completion);
    turn.completions.add(completion);
    var one = asked.get(new Caller(completion.requestId(), completion.requestHash()));
    require(one != null, "a completion for nobody", completion);
    if (completion.repeat()) {
      require(turn.asked == one && turn.repeat && one.end != null, "repeated for no reason");
      same(one.end, completion);
      return;
    }
    require(one.end == null, "a request ends twice", completion.requestId());
    one.end = completion;
    switch (completion.status()) {
      case COMPLETED -> {
        require(!one.cancelledAhead || one.tooLate, "completed after its cancel was answered");
        switch (Objects.requireNonNull(completion.source())) {
          case CACHED, STALE -> cached(one, completion);
          case COMPUTED, JOINED -> {
            require(completion.source() == one.source, "computed for one, joined by the others");
            var answer = made.get(text(completion.result()));
            require(answer != null, "an answer from nowhere");
            served(one, answer, completion);
          }
        }
      }
      case FAILED -> {
        var code = Objects.requireNonNull(completion.error()).code();
        if (code.equals("NOT_CACHED")) {
          require(one.request.mode() == CacheMode.ONLY, "not cached, and may be computed");
        } else if (turn.asked == one) {
          cached(one, completion);
        } else {
          var failure = jobs.get(completion.jobId()).failure;
          require(failure != null, "a failure from nowhere");
          require(
              failure.text().isEmpty() || failure.text().equals(completion.error().message()),
              "another failure than its job's");
          served(one, failure, completion);
        }
      }
      case CANCELLED -> {
        require(cancelledNames.contains(completion.requestId()), "cancelled by nobody");
        require(!one.tooLate, "cancelled after it was too late");
      }
      case EXPIRED -> {
        var timeout = one.request.timeoutMs();
        require(
            timeout != null
                && one.waitsSince != null
                && !completion.completedAt().isBefore(one.waitsSince.plusMillis(timeout)),
            "its deadline has not passed");
      }
      default -> throw new Impossible("no end: " + completion);
    }
  }

  private void cached(Asked one, Completion completion) {
    require(turn.asked == one, "a hit out of turn");
    if (turn.hit == null) {
      require(answeredAtTheDoor(one.request), "a hit that was not decided");
      var answer = result(completion) == null ? null : made.get(text(completion.result()));
      require(
          result(completion) == null
              || (answer != null && answer.job().id.equals(completion.jobId())),
          "an answer from nowhere");
      return;
    }
    require(
        turn.hit.failure() || (completion.source() == Source.STALE) == turn.stale,
        "a stale answer is called cached, or a fresh one stale");
    var hit = turn.hit.made();
    require(hit.job().id.equals(completion.jobId()), "the answer of another job");
    require(hit.job().hash.equals(completion.requestHash()), "the answer to another question");
    require(Objects.equals(hit.result(), result(completion)), "another answer than the kept one");
  }

  private void served(Asked one, Made answer, Completion completion) {
    require(answer.job().id.equals(completion.jobId()), "the answer of another job");
    require(answer.job().hash.equals(completion.requestHash()), "the answer to another question");
    require(answer.attempt() == completion.attempts(), "the answer of another attempt");
    var request = one.request;
    require(
        !covered(answer.place(), one.place, request.tags(), request.type(), request.requestHash()),
        "an answer that is older than an invalidation the request came after");
  }

  private static void same(Completion first, Completion again) {
    require(
        first.status() == again.status()
            && first.source() == again.source()
            && Objects.equals(first.jobId(), again.jobId())
            && Objects.equals(first.error(), again.error())
            && Objects.equals(first.resultRef(), again.resultRef())
            && Objects.equals(first.resultSha256(), again.resultSha256())
            && first.attempts() == again.attempts()
            && first.runMs() == again.runMs()
            && first.completedAt().equals(again.completedAt())
            && (result(again) == null || result(again).equals(first.result())),
        "a repeat says something else",
        List.of(first, again));
  }

  private void sent(Job job) {
    var epoch = epochs.get(job.epoch());
    require(epoch != null && epoch.job.id.equals(job.jobId()), "a job nobody decided upon");
    var work = epoch.job;
    switch (job.status()) {
      case QUEUED -> {
        require(open.get(work.hash) == work, "a job that has ended goes to its lane");
        require(work.epoch == job.epoch(), "an epoch that was replaced goes to its lane");
        require(work.held == null && work.notBefore == null, "what does not wait goes to its lane");
        require(job.attempt() == work.attempt, "another attempt");
        require(job.attempt() <= job.maxAttempts(), "more attempts than anybody wants");
        require(job.maxAttempts() == work.maxAttempts, "another limit of attempts");
        require(job.tier() == work.lane, "another lane");
        work.inBackground = Boolean.TRUE.equals(job.background());
        require(
            !work.inBackground || (work.wantedAt != null && waiters(work).isEmpty()),
            "in the background, and somebody waits");
      }
      case RETRYING -> require(work.notBefore != null, "what does not wait for a retry waits");
      case FAILED -> {
        require(work.failure != null, "a job that did not fail is buried");
        work.buried++;
      }
      default -> throw new Impossible("no job is " + job.status());
    }
  }

  private void granted(Control.Grant grant) {
    var job = jobs.get(grant.jobId());
    require(
        job != null && open.get(job.hash) == job && job.policy.effect(),
        "granted, and nothing is to be done");
    require(holding(job, grant.epoch(), grant.runId()), "granted to a run that may not go on");
  }

  private void closed(Progress progress) {
    var job = jobs.get(progress.jobId());
    require(job != null && open.remove(job.hash, job), "a job ends twice", progress.jobId());
    require(
        switch (progress.status()) {
          case COMPLETED -> turn.decisions.contains(DecisionKind.SUCCEEDED);
          case FAILED -> job.failure != null;
          case CANCELLED -> job.nobodyWaits;
          default -> false;
        },
        "a job ends without a reason");
    turn.closed = job;
  }

  private void answered(Receipt receipt) {
    turn.told = true;
    var command = unanswered.remove(receipt.commandId());
    if (command == null) {
      require(receipt.equals(receipts.get(receipt.commandId())), "another receipt than the first");
      return;
    }
    receipts.put(receipt.commandId(), receipt);
    require(receipt.ok(), "a command fails", receipt);
    if (command instanceof Command.WarmUp) {
      require(
          turn.warmedUp.equals(receipt.warmUp()) && receipt.found() == turn.warmedUp.all(),
          "a receipt says something else than was decided",
          receipt);
    } else if (command instanceof Command.Invalidate invalidate) {
      if (invalidate.dry()) {
        counted(invalidate, receipt);
      } else {
        var earliest = notAnsweredBefore.get(receipt.commandId());
        require(earliest != null && !receipt.at().isBefore(earliest), "answered too early");
      }
    }
  }

  private void counted(Command.Invalidate dry, Receipt receipt) {
    long found = 0;
    long computedMs = 0;
    for (var answer : kept.entrySet()) {
      var one = answer.getValue();
      var job = one.made().job();
      boolean good =
          (one.expiresAt() == null || receipt.at().isBefore(one.expiresAt()))
              && !covered(one.made().place(), invalidations.size(), one.tags(), job.type, job.hash);
      if (good && covers(dry, one.tags(), job.type, job.hash)) {
        found++;
        computedMs += one.runMs();
      }
    }
    require(
        receipt.found() == found && Objects.equals(receipt.recomputeMs(), computedMs),
        "a dry run counts what is not there",
        receipt);
  }

  private static boolean covers(
      Command.Invalidate said, Collection<String> tags, String type, RequestHash hash) {
    return type.equals(said.type())
        || hash.equals(said.hash())
        || tags.stream()
            .anyMatch(tag ->
                tag.equals(said.tag())
                    || (said.tagPrefix() != null && tag.startsWith(said.tagPrefix())));
  }

  /// Nothing is left to do: nothing may be left over either.
  void drained() {
    require(unanswered.isEmpty(), "commands without a receipt", unanswered);
    for (var job : jobs.values()) {
      require(
          job.buried == (job.failure == null ? 0 : 1),
          "a job that fails has one dead letter, another none",
          job.id);
    }
    for (var store : List.of(Kind.WAITERS, Kind.PARAMS, Kind.RUNNING, Kind.ENDINGS)) {
      require(ledger.rows(store).isEmpty(), "rows are left", store);
    }
    int answers = 0;
    for (var row : ledger.rows(Kind.ENTRIES)) {
      var entry = ENTRY.read(row.value);
      require(
          entry.flight() == null && entry.endingCohorts().isEmpty(),
          "an entry is in flight",
          entry);
      answers += entry.answer() == null || entry.answer().failure() != null ? 0 : 1;
    }
    require(ledger.rows(Kind.RESULTS).size() == answers, "as many results as answers");
    for (var row : ledger.rows(Kind.DUE)) {
      var due = Due.of(row.key);
      require(
          switch (due.kind()) {
            case ANSWER, LIFETIME, REQUEST, COMMAND -> true;
            default -> false;
          },
          "still due",
          due);
    }
  }

  // ---------------------------------------------------------------- helpers

  private void newEpoch(Work job, Decision decision) {
    long epoch = epoch(decision);
    risen(epoch);
    require(decision.attempt() == job.attempt, "another attempt", decision);
    require(job.attempt <= job.maxAttempts, "more attempts than anybody wants");
    job.epoch = epoch;
    job.lane = lane(decision);
    job.startable.add(epoch);
    epochs.put(epoch, new Epoch(job, invalidations.size(), job.attempt));
  }

  private void risen(long epoch) {
    require(epoch > lastEpoch, "epochs do not rise", epoch + " after " + lastEpoch);
    lastEpoch = epoch;
  }

  /// Who waits for a job beyond doubt.
  private List<Asked> waiters(Work job) {
    return asked.values().stream().filter(one -> one.end == null && one.job == job).toList();
  }

  /// A request that the answer at hand would do for must not be computed.
  private void unexplained(Admitted request, Instant at) {
    var answer = kept.get(request.requestHash());
    require(
        !mayCompute(request)
            || answer == null
            || covered(answer, request)
            || !at.isBefore(staleUntil(answer, request)),
        "computed again though the answer is good");
  }

  /// Whether the request takes a known answer, and else has one computed.
  private static boolean mayCompute(Admitted request) {
    return request.mode() == CacheMode.DEFAULT || request.mode() == CacheMode.STALE_OK;
  }

  /// From when on the answer is not even given as stale to this request.
  private static Instant staleUntil(Kept answer, Admitted request) {
    var until = until(answer, request);
    if (answer.failure() || until.equals(Instant.MAX)) {
      return until;
    }
    var caching = request.policy().caching();
    var staleMs = caching == null ? null : caching.staleWhileRevalidateMs();
    boolean byType = staleMs != null && request.ttlMs() == null && mayCompute(request);
    long own = request.mode() == CacheMode.STALE_OK ? request.maxStaleMs() : 0;
    return until.plusMillis(Math.max(own, byType ? staleMs : 0));
  }

  /// From when on the answer is not fresh for this request.
  private static Instant until(Kept answer, Admitted request) {
    var wanted = request.ttlMs() == null ? oldest(request) : request.ttlMs();
    var byAge = wanted == null ? Instant.MAX : answer.at().plusMillis(wanted);
    var byTtl = answer.expiresAt() == null ? Instant.MAX : answer.expiresAt();
    return byAge.isBefore(byTtl) ? byAge : byTtl;
  }

  /// The oldest answer that is fresh by the type of the request; null: any.
  private static @Nullable Long oldest(Admitted request) {
    var caching = request.policy().caching();
    boolean adapts = caching != null && caching.minTtlMs() != null;
    return adapts ? caching.maxTtlMs() : request.policy().ttlMs();
  }

  private boolean covered(Kept answer, Admitted request) {
    var tags = new HashSet<>(answer.tags());
    tags.addAll(request.tags());
    return covered(
        answer.made().place(), invalidations.size(), tags, request.type(), request.requestHash());
  }

  private boolean covered(
      int from, int to, Collection<String> tags, String type, RequestHash hash) {
    return from < to
        && invalidations.subList(from, to).stream()
            .anyMatch(said -> covers(said, tags, type, hash));
  }

  private Admitted newRequest() {
    require(turn.asked != null && !turn.repeat && !turn.replay, "decided for no new request");
    require(turn.asked.end == null && turn.asked.source == null, "decided twice");
    require(!turn.asked.cancelledAhead || turn.asked.tooLate, "it was cancelled before it came");
    return turn.asked.request;
  }

  private void waits(Work job, Source source, Instant since) {
    var one = Objects.requireNonNull(turn.asked);
    one.job = job;
    require(one.request.mode() != CacheMode.ONLY, "it must not be computed");
    one.source = source;
    one.waitsSince = since;
  }

  private static boolean answeredAtTheDoor(Admitted request) {
    return request.answered() != null
        && request
            .answered()
            .value()
            .startsWith(request.type() + ":" + request.requestHash().prefix() + ":");
  }

  private Work openJob(Decision decision) {
    var job = job(decision);
    require(open.get(job.hash) == job, "a job that has ended goes on", decision);
    require(!job.nobodyWaits, "a job that is void goes on", decision);
    return job;
  }

  private Work job(Decision decision) {
    var job = jobs.get(id(decision));
    require(job != null, "a job nobody knows", decision);
    return job;
  }

  private static JobId id(Decision decision) {
    return Objects.requireNonNull(decision.jobId());
  }

  private static long epoch(Decision decision) {
    return Objects.requireNonNull(decision.epoch());
  }

  private static Tier lane(Decision decision) {
    return Objects.requireNonNull(decision.tier());
  }

  private static boolean holding(Work job, long epoch, @Nullable String run) {
    return job.held != null && job.held.is(epoch, run);
  }

  private static @Nullable JsonNode result(Completion completion) {
    var result = completion.result();
    return result == null || result.isNull() ? null : result;
  }

  private static String text(@Nullable JsonNode result) {
    return result == null ? "" : result.path("answer").asText();
  }

  private static void require(boolean possible, String message) {
    if (!possible) {
      throw new Impossible(message);
    }
  }

  private static void require(boolean possible, String message, Object what) {
    if (!possible) {
      throw new Impossible(message + ": " + what);
    }
  }
}
