package dev.millrace.cache.ledger;

import dev.millrace.cache.ledger.Rows.Counters;
import dev.millrace.contracts.Decision;
import dev.millrace.contracts.DecisionKind;
import dev.millrace.contracts.JobId;
import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.Tier;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One event about one hash being decided: what the rules are given, and what they have decided so
/// far. It belongs to one call of a rule and touches nothing outside itself.
final class Step {

  private final RequestHash hash;
  private final Instant now;
  private final int partition;
  private final String cause;
  private final View view;
  private final List<Effect> effects = new ArrayList<>();
  private final Entry before;
  private Entry entry;
  private long epoch;
  private final long generation;
  private long sequence;
  private long number;

  Step(
      RequestHash hash,
      Entry entry,
      Counters counters,
      Instant now,
      int partition,
      String cause,
      View view) {
    this.hash = hash;
    this.before = entry;
    this.entry = entry;
    this.epoch = counters.epoch();
    this.generation = counters.generation();
    this.sequence = counters.sequence();
    this.number = counters.number();
    this.now = now;
    this.partition = partition;
    this.cause = cause;
    this.view = view;
  }

  RequestHash hash() {
    return hash;
  }

  Instant now() {
    return now;
  }

  int partition() {
    return partition;
  }

  /// What the event is called in the decisions it causes.
  String cause() {
    return cause;
  }

  View view() {
    return view;
  }

  /// The entry as the event found it.
  Entry before() {
    return before;
  }

  Entry entry() {
    return entry;
  }

  void entry(Entry changed) {
    entry = changed;
  }

  /// The partition's count of invalidations.
  long generation() {
    return generation;
  }

  /// A fencing number no dispatch of this partition has had.
  long nextEpoch() {
    return ++epoch;
  }

  /// A number no cohort or waiter of this partition has had.
  long nextNumber() {
    return ++number;
  }

  void then(Effect effect) {
    effects.add(effect);
  }

  List<Effect> effects() {
    return Collections.unmodifiableList(effects);
  }

  Counters counters() {
    return new Counters(epoch, generation, sequence, number, now.toEpochMilli());
  }

  /// A decision to be filled in; [Draft#done] records it.
  Draft decide(DecisionKind kind) {
    return new Draft(kind);
  }

  /// A decision being written down.
  final class Draft {
    private final DecisionKind kind;
    private @Nullable String requestId;
    private @Nullable String organizationId;
    private @Nullable JobId jobId;
    private @Nullable Long ofEpoch;
    private @Nullable String runId;
    private @Nullable String type;
    private @Nullable Tier tier;
    private @Nullable Integer attempt;
    private @Nullable Instant expiresAt;
    private @Nullable Instant notBefore;

    private Draft(DecisionKind kind) {
      this.kind = kind;
    }

    Draft request(String id, @Nullable String organization, Tier ofTier) {
      requestId = id;
      organizationId = organization;
      tier = ofTier;
      return this;
    }

    Draft type(String name) {
      type = name;
      return this;
    }

    Draft job(JobId id, long epochOfJob) {
      jobId = id;
      ofEpoch = epochOfJob;
      return this;
    }

    /// The job, epoch, attempt and run of a flight's dispatch.
    Draft job(Flight flight, Flight.Dispatch dispatch) {
      job(flight.jobId(), dispatch.epoch());
      runId = dispatch.runId();
      attempt = dispatch.attempt();
      type = flight.asked().type();
      if (tier == null) {
        tier = dispatch.lane();
      }
      return this;
    }

    Draft run(@Nullable String run) {
      runId = run;
      return this;
    }

    Draft expires(@Nullable Instant at) {
      expiresAt = at;
      return this;
    }

    Draft notBefore(Instant at) {
      notBefore = at;
      return this;
    }

    void done() {
      because(null);
    }

    void because(@Nullable String reason) {
      then(
          new Effect.Decide(
              new Decision(
                  kind,
                  requestId,
                  organizationId,
                  hash,
                  jobId,
                  ofEpoch,
                  runId,
                  type,
                  tier,
                  attempt,
                  reason,
                  generation,
                  expiresAt,
                  notBefore,
                  partition,
                  ++sequence,
                  cause,
                  now)));
    }
  }
}
