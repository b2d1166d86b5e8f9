package dev.millrace.audit;

import dev.millrace.contracts.CacheMode;
import dev.millrace.contracts.DecisionKind;
import dev.millrace.contracts.Policy;
import dev.millrace.contracts.Status;
import dev.millrace.contracts.Tier;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What the records say about each thing so far. Plain and mutable: there are millions of them.
final class Model {

  private Model() {}

  /// One admitted record.
  static final class Admission {
    final Request request;
    final Entry entry;
    final Tier tier;
    final CacheMode mode;
    final Policy policy;
    final long ttlMs;
    final long maxStaleMs;
    final int maxAttempts;
    final List<String> tags;

    /// @param ttlMs the oldest answer that is fresh, by the request or else its type; -1: any
    /// @param maxStaleMs how much older it may be and is given as stale, by either
    Admission(
        Request request,
        Entry entry,
        Tier tier,
        CacheMode mode,
        Policy policy,
        long ttlMs,
        long maxStaleMs,
        int maxAttempts,
        List<String> tags) {
      this.request = request;
      this.entry = entry;
      this.tier = tier;
      this.mode = mode;
      this.policy = policy;
      this.ttlMs = ttlMs;
      this.maxStaleMs = maxStaleMs;
      this.maxAttempts = maxAttempts;
      this.tags = tags;
    }
  }

  /// One ask by one caller, however often it came.
  static final class Request {
    final long place;
    final long timestamp;
    @Nullable Cancel cancel;

    /// What the ledger decided when it came.
    @Nullable DecisionKind fate;

    /// Where it waits; null when it does not.
    @Nullable Cohort cohort;

    /// How it must end, and by which job, as the decisions have it.
    @Nullable Status expected;

    @Nullable Job job;
    boolean stale;
    boolean cancelled;
    boolean tooLate;

    int ends;
    @Nullable Status ended;
    @Nullable Id end;

    Request(long place, long timestamp) {
      this.place = place;
      this.timestamp = timestamp;
    }

    boolean waits() {
      return fate == DecisionKind.DISPATCHED || fate == DecisionKind.JOINED;
    }
  }

  /// A cancel of one caller's request, and who has answered it.
  static final class Cancel {
    final Set<Integer> receipts = new LinkedHashSet<>();
    int partitions = Integer.MAX_VALUE;

    boolean answeredByAll() {
      return receipts.size() >= partitions;
    }
  }

  /// Everything about one request hash.
  static final class Entry {
    final Id hash;
    final String type;
    final boolean effect;
    final Id scope;
    final Id params;

    /// Of its first request, and of most others.
    final List<String> tags;

    @Nullable Answer answer;
    @Nullable Flight flight;

    Entry(Id hash, String type, boolean effect, Id scope, Id params, List<String> tags) {
      this.hash = hash;
      this.type = type;
      this.effect = effect;
      this.scope = scope;
      this.params = params;
      this.tags = tags;
    }

    /// The same tags, in no more room than needed.
    List<String> share(Collection<String> given) {
      var copy = List.copyOf(given);
      return copy.equals(tags) ? tags : copy;
    }
  }

  /// A stored answer.
  ///
  /// @param staleMs how long past its time its type still gives it
  record Answer(
      Job job,
      long epoch,
      long generation,
      List<String> tags,
      long at,
      long expiresAt,
      long staleMs,
      boolean failure) {

    /// When it is taken out.
    long keptUntil() {
      return expiresAt == Long.MAX_VALUE ? expiresAt : expiresAt + staleMs;
    }
  }

  /// The end that a ledger partition decided last.
  ///
  /// @param left waiters it could not serve
  /// @param cause the place of the record that led to it
  record Ended(Flight flight, Dispatch epoch, List<Cohort> left, long cause) {}

  /// An answer that an operator wants known before anybody asks.
  ///
  /// @param result the digest of the answer as given; null: it is to be computed
  record Warm(
      Entry entry, List<String> tags, Policy policy, int maxAttempts, @Nullable Id result) {}

  /// A warm-up as one ledger partition got it.
  static final class WarmUp {
    final long timestamp;

    /// What nothing was decided about yet, in order.
    final List<Warm> left;

    /// Whether the same command came here before: it is not carried out again.
    boolean repeated;

    /// What its partition has answered; null: nothing.
    @Nullable Boolean ok;

    WarmUp(List<Warm> wanted, long timestamp) {
      this.timestamp = timestamp;
      this.left = new ArrayList<>(wanted);
    }
  }

  /// Waiters that one end serves together.
  static final class Cohort {
    final long generation;
    final List<Request> waiters = new ArrayList<>(1);
    int size;

    Cohort(long generation) {
      this.generation = generation;
    }

    void add(Request request) {
      waiters.add(request);
      request.cohort = this;
      size++;
    }

    void remove(Request request) {
      request.cohort = null;
      size--;
    }
  }

  /// A job in flight.
  static final class Flight {
    final Job job;
    final Set<String> tags;

    /// Of whoever had it dispatched; null when that is not known.
    final @Nullable Policy policy;

    int maxAttempts;
    Dispatch current;
    final List<Dispatch> superseded = new ArrayList<>(0);
    List<Cohort> cohorts = new ArrayList<>(1);

    /// Whether its answer is wanted though nobody may wait.
    boolean wanted;

    /// The place of the record that ended the lease of the current run.
    long leaseOver = Places.NOWHERE;

    Flight(Job job, Set<String> tags, @Nullable Policy policy, int maxAttempts, Dispatch current) {
      this.job = job;
      this.tags = tags;
      this.policy = policy;
      this.maxAttempts = maxAttempts;
      this.current = current;
    }

    /// One whose answer is wanted though nobody waits.
    static Flight inBackground(
        Job job, Set<String> tags, @Nullable Policy policy, int maxAttempts, Dispatch current) {
      var flight = new Flight(job, tags, policy, maxAttempts, current);
      flight.wanted = true;
      current.background = true;
      return flight;
    }

    int waiters() {
      return cohorts.stream().mapToInt(cohort -> cohort.size).sum();
    }

    void supersede(Dispatch next) {
      next.background = waiters() == 0;
      if (current.run != null || current.state == State.QUEUED) {
        superseded.add(current);
      }
      current = next;
    }

    /// The epoch, current or superseded, that is bound to this run.
    @Nullable Dispatch bound(long epoch, Id run) {
      if (current.epoch == epoch && run.equals(current.run)) {
        return current.state == State.RUNNING ? current : null;
      }
      return superseded.stream()
          .filter(dispatch -> dispatch.epoch == epoch && run.equals(dispatch.run))
          .findFirst()
          .orElse(null);
    }
  }

  enum State {
    QUEUED,
    RUNNING,
    BACKOFF
  }

  /// One epoch of a job.
  static final class Dispatch {
    final long epoch;
    final long generation;
    final int attempt;
    final Tier lane;
    State state = State.QUEUED;
    @Nullable Id run;
    long notBefore;

    /// Whether it is in the lane of what nobody waits for.
    boolean background;

    Dispatch(long epoch, long generation, int attempt, Tier lane) {
      this.epoch = epoch;
      this.generation = generation;
      this.attempt = attempt;
      this.lane = lane;
    }
  }

  /// One computation, from its first dispatch on and after its end.
  static final class Job {
    final Entry entry;
    final long place;
    final List<Run> runs = new ArrayList<>(1);
    @Nullable Status closed;
    long closedAt;
    @Nullable Id result;
    boolean byReference;
    int failed;
    int buried;
    int terminals;
    @Nullable Id terminalRun;

    Job(Entry entry, long place) {
      this.entry = entry;
      this.place = place;
    }

    Run run(Id id) {
      for (var run : runs) {
        if (run.id.equals(id)) {
          return run;
        }
      }
      var run = new Run(id);
      runs.add(run);
      return run;
    }
  }

  /// One worker's execution of one epoch.
  static final class Run {
    final Id id;
    int attempt;
    boolean leaseOver;
    boolean begun;
    long sequence;
    int percent;

    Run(Id id) {
      this.id = id;
    }
  }

  enum Said {
    STARTED,
    SUCCEEDED,
    FAILED,
    CANCELLED,
    DECLINED,
    DUE
  }

  /// What a worker or the relay said of a dispatch.
  static final class Told {
    final Said said;
    final Id job;
    final long epoch;
    final @Nullable Id run;
    final boolean retryable;
    final @Nullable Id result;
    final boolean byReference;
    final long timestamp;

    Told(
        Said said,
        Id job,
        long epoch,
        @Nullable Id run,
        boolean retryable,
        @Nullable Id result,
        boolean byReference,
        long timestamp) {
      this.said = said;
      this.job = job;
      this.epoch = epoch;
      this.run = run;
      this.retryable = retryable;
      this.result = result;
      this.byReference = byReference;
      this.timestamp = timestamp;
    }

    boolean is(long ofEpoch, @Nullable Id ofRun) {
      return epoch == ofEpoch && (ofRun == null || ofRun.equals(run));
    }
  }
}
