package dev.millrace.cache.ledger;

import dev.millrace.cache.ledger.Flight.Dispatch;
import dev.millrace.cache.ledger.Flight.State;
import dev.millrace.cache.ledger.Rows.RequestRow;
import dev.millrace.contracts.Admitted;
import dev.millrace.contracts.Command;
import dev.millrace.contracts.Completion;
import dev.millrace.contracts.Control;
import dev.millrace.contracts.Decision;
import dev.millrace.contracts.DecisionKind;
import dev.millrace.contracts.Job;
import dev.millrace.contracts.JobId;
import dev.millrace.contracts.JsonSerde;
import dev.millrace.contracts.Outcome;
import dev.millrace.contracts.Receipt;
import dev.millrace.contracts.Source;
import dev.millrace.contracts.Tier;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;

/// The mistakes a ledger could make, made by what stands between the real one and its rows, clock
/// and outputs. The simulation must find every one of them.
enum PlantedFault {
  A_WAITER_THAT_ASKED_AFTER_AN_INVALIDATION_IS_FORGOTTEN(() ->
      new Written(Admitted.class) {
        @Override
        Entry changed(SimulatedLedger ledger, Entry entry) {
          var flight = entry.flight();
          return flight == null || flight.cohorts().size() < 2
              ? entry
              : entry.with(flight.withCohorts(flight.cohorts().subList(0, 1)));
        }
      }),

  AN_ANSWER_COUNTS_AS_NEWER_THAN_IT_IS(() ->
      new Written(Outcome.class) {
        @Override
        Entry changed(SimulatedLedger ledger, Entry entry) {
          var answer = entry.answer();
          return answer == null ? entry : entry.with(made(answer, 1_000_000, answer.expiresAt()));
        }
      }),

  AN_INVALIDATION_IS_NOT_NOTED(() -> new NotWritten(Kind.INVALIDATIONS, Command.class)),

  THE_SWEEP_ALONE_ENDS_AN_ANSWER(() ->
      new Read(Admitted.class) {
        @Override
        Entry changed(SimulatedLedger ledger, Entry entry) {
          var answer = entry.answer();
          return answer == null ? entry : entry.with(made(answer, answer.generation(), null));
        }
      }),

  A_CANCEL_LEAVES_ITS_WAITER(() ->
      new Fault() {
        @Override
        byte @Nullable [] written(
            SimulatedLedger ledger, Kind store, Bytes key, byte @Nullable [] value) {
          boolean left = store == Kind.ENTRIES || store == Kind.WAITERS;
          return left && ledger.input() instanceof Command.Cancel
              ? SimulatedLedger.NOT_WRITTEN
              : value;
        }
      }),

  A_CANCEL_THAT_COMES_FIRST_IS_FORGOTTEN(() -> new NotWritten(Kind.REQUESTS, Command.class)),

  THE_END_OF_A_LEASE_KEEPS_THE_EPOCH(() ->
      new Fault() {
        private long before;

        @Override
        byte @Nullable [] read(
            SimulatedLedger ledger, Kind store, Bytes key, byte @Nullable [] value) {
          if (store == Kind.ENTRIES && ledger.input() instanceof Outcome.Check check) {
            before = check.epoch();
          }
          return value;
        }

        @Override
        byte @Nullable [] written(
            SimulatedLedger ledger, Kind store, Bytes key, byte @Nullable [] value) {
          boolean over = store == Kind.ENTRIES && ledger.input() instanceof Outcome.Check;
          return over ? entry(value, entry -> current(entry, this::kept)) : value;
        }

        @Override
        Object sent(SimulatedLedger ledger, Object value) {
          boolean over = ledger.input() instanceof Outcome.Check;
          return switch (value) {
            case Decision decision when over && decision.decision() == DecisionKind.REDISPATCHED ->
                under(decision, before);
            case Job job when over -> under(job, before);
            default -> value;
          };
        }

        private Dispatch kept(Dispatch current) {
          return new Dispatch(
              before,
              current.state(),
              current.lane(),
              current.attempt(),
              current.generation(),
              current.at(),
              current.runId(),
              current.notBefore(),
              current.background());
        }
      }),

  A_LEASE_ENDS_IN_HALF_ITS_TIME(() ->
      new Fault() {
        @Override
        long nanos(long nanos) {
          return 2 * nanos;
        }
      }),

  A_SUCCESSOR_DOES_NOT_WATCH_THE_RUNS(() -> new Lost(Kind.RUNNING)),

  A_SUCCESSOR_FORGETS_THE_WAITERS(() -> new Lost(Kind.WAITERS)),

  A_SUCCESSOR_COUNTS_ANEW(() -> new Lost(Kind.COUNTERS)),

  A_REQUEST_IS_NOT_RECOGNISED(() ->
      new Fault() {
        @Override
        byte @Nullable [] read(
            SimulatedLedger ledger, Kind store, Bytes key, byte @Nullable [] value) {
          return store == Kind.REQUESTS
                  && ledger.input() instanceof Admitted request
                  && text(key).endsWith(request.requestHash().hex())
              ? null
              : value;
        }
      }),

  A_COMMAND_IS_NOT_RECOGNISED(() -> new NotWritten(Kind.COMMANDS, Command.class)),

  AN_EPOCH_IS_BOUND_TO_TWO_RUNS(() ->
      new Read(Outcome.Started.class) {
        @Override
        Entry changed(SimulatedLedger ledger, Entry entry) {
          return current(entry, PlantedFault::queued);
        }
      }),

  A_PROMOTION_LEAVES_BOTH_COPIES_GOOD(() ->
      new Fault() {
        private final Map<Bytes, List<Dispatch>> replaced = new HashMap<>();

        @Override
        byte @Nullable [] written(
            SimulatedLedger ledger, Kind store, Bytes key, byte @Nullable [] value) {
          if (store == Kind.ENTRIES && value != null) {
            var flight = ENTRY.read(value).flight();
            if (flight != null && flight.current().state() == State.QUEUED) {
              replaced.put(key, flight.superseded());
            }
          }
          return value;
        }

        @Override
        byte @Nullable [] read(
            SimulatedLedger ledger, Kind store, Bytes key, byte @Nullable [] value) {
          return store == Kind.ENTRIES && ledger.input() instanceof Outcome.Started
              ? entry(value, entry -> bothGood(entry, replaced.getOrDefault(key, List.of())))
              : value;
        }

        private Entry bothGood(Entry entry, List<Dispatch> earlier) {
          var flight = entry.flight();
          return flight == null || flight.current().state() != State.RUNNING || earlier.isEmpty()
              ? entry
              : entry.with(flight.withSuperseded(earlier).withCurrent(queued(flight.current())));
        }
      }),

  A_VOID_EPOCH_SUCCEEDS(() ->
      new Fault() {
        private final Map<JobId, Entry> flown = new HashMap<>();

        @Override
        byte @Nullable [] written(
            SimulatedLedger ledger, Kind store, Bytes key, byte @Nullable [] value) {
          if (store == Kind.ENTRIES && value != null) {
            var entry = ENTRY.read(value);
            if (entry.flight() != null) {
              flown.put(entry.flight().jobId(), entry);
            }
          }
          return value;
        }

        @Override
        byte @Nullable [] read(
            SimulatedLedger ledger, Kind store, Bytes key, byte @Nullable [] value) {
          return store == Kind.ENTRIES
                  && value == null
                  && ledger.input() instanceof Outcome.Succeeded succeeded
                  && flown.containsKey(succeeded.jobId())
              ? ENTRY.write(flown.get(succeeded.jobId()))
              : value;
        }
      }),

  AN_ENTRY_IN_FLIGHT_IS_EVICTED(() -> new Evicted(null)),

  AN_EVICTED_ANSWER_STAYS(() -> new Evicted(SimulatedLedger.NOT_WRITTEN)),

  THE_REST_OF_A_FAN_OUT_IS_LOST(() -> new NotWritten(Kind.ENDINGS, Object.class)),

  WAITERS_AN_END_DOES_NOT_SERVE_ARE_ORPHANED(() ->
      new Fault() {
        private @Nullable JobId ended;

        @Override
        byte @Nullable [] read(
            SimulatedLedger ledger, Kind store, Bytes key, byte @Nullable [] value) {
          if (store == Kind.ENTRIES && ledger.input() instanceof Outcome outcome) {
            ended = outcome.jobId();
          }
          return value;
        }

        @Override
        byte @Nullable [] written(
            SimulatedLedger ledger, Kind store, Bytes key, byte @Nullable [] value) {
          return store == Kind.ENTRIES && ledger.input() instanceof Outcome
              ? entry(
                  value,
                  entry ->
                      entry.flight() == null || entry.flight().jobId().equals(ended)
                          ? entry
                          : entry.with((Flight) null))
              : value;
        }
      }),

  A_RETRY_COMES_TOO_EARLY(() ->
      new Read(Outcome.Due.class) {
        @Override
        Entry changed(SimulatedLedger ledger, Entry entry) {
          return current(
              entry,
              current ->
                  current.state() == State.BACKOFF ? current.backoff(Instant.EPOCH) : current);
        }
      }),

  A_JOB_GETS_AN_ATTEMPT_TOO_MANY(() ->
      new Read(Outcome.Failed.class) {
        @Override
        Entry changed(SimulatedLedger ledger, Entry entry) {
          return current(
              entry,
              current ->
                  new Dispatch(
                      current.epoch(),
                      current.state(),
                      current.lane(),
                      current.attempt() - 1,
                      current.generation(),
                      current.at(),
                      current.runId(),
                      current.notBefore(),
                      current.background()));
        }
      }),

  THE_ANSWER_IS_ANOTHER_HASHS(() ->
      new Fault() {
        private byte @Nullable [] last;

        @Override
        byte @Nullable [] written(
            SimulatedLedger ledger, Kind store, Bytes key, byte @Nullable [] value) {
          if (store == Kind.RESULTS && value != null) {
            last = value;
          }
          return value;
        }

        @Override
        byte @Nullable [] read(
            SimulatedLedger ledger, Kind store, Bytes key, byte @Nullable [] value) {
          return store == Kind.RESULTS && value != null ? last : value;
        }
      }),

  AN_END_IS_NOT_REMEMBERED(() ->
      new Fault() {
        @Override
        byte @Nullable [] written(
            SimulatedLedger ledger, Kind store, Bytes key, byte @Nullable [] value) {
          if (store != Kind.REQUESTS || value == null || value.length < 2) {
            return value;
          }
          var row = REQUEST.read(value);
          return REQUEST.write(new RequestRow(row.origin(), row.waiter(), null));
        }
      }),

  WHO_JOINED_IS_NOT_TOLD(() ->
      new Silent() {
        @Override
        boolean silent(Object value) {
          return value instanceof Completion completion && completion.source() == Source.JOINED;
        }
      }),

  A_RUN_THAT_IS_NOT_WANTED_IS_NOT_TOLD(() ->
      new Silent() {
        @Override
        boolean silent(Object value) {
          return value instanceof Control.Revoke;
        }
      }),

  A_STALE_ANSWER_IS_GIVEN_BEYOND_ITS_WINDOW(() ->
      new Read(Admitted.class) {
        @Override
        Entry changed(SimulatedLedger ledger, Entry entry) {
          return aged(
              entry,
              answer -> {
                var now = ledger.wall();
                boolean late = answer.staleMs() != null && !now.isBefore(answer.keptUntil());
                return late ? lasting(answer, now.minusMillis(1)) : answer;
              });
        }
      }),

  A_STALE_ANSWER_IS_CALLED_CACHED(() ->
      new Fault() {
        @Override
        Object sent(SimulatedLedger ledger, Object value) {
          return value instanceof Completion completion && completion.source() == Source.STALE
              ? cached(completion)
              : value;
        }
      }),

  A_REFRESH_IS_FORGOTTEN(() ->
      new Read(Admitted.class) {
        @Override
        Entry changed(SimulatedLedger ledger, Entry entry) {
          return aged(entry, answer -> answer.notRefreshedBefore(Instant.MAX));
        }
      }),

  AN_ANSWER_IS_REFRESHED_FAR_TOO_EARLY(() ->
      new Read(Admitted.class) {
        @Override
        Entry changed(SimulatedLedger ledger, Entry entry) {
          return aged(entry, PlantedFault::dearer);
        }
      }),

  A_REFRESH_THAT_FAILED_IS_SENT_AGAIN_AT_ONCE(() ->
      new Read(Admitted.class) {
        @Override
        Entry changed(SimulatedLedger ledger, Entry entry) {
          return aged(entry, answer -> answer.notRefreshedBefore(Instant.EPOCH));
        }
      }),

  AN_ADAPTED_TTL_LEAVES_ITS_BOUNDS(() ->
      new Fault() {
        @Override
        Object sent(SimulatedLedger ledger, Object value) {
          return value instanceof Decision decision
                  && decision.decision() == DecisionKind.STORED
                  && decision.expiresAt() != null
              ? expiring(decision, decision.expiresAt().plusSeconds(1_200))
              : value;
        }
      }),

  AN_ANSWER_THAT_CHANGED_COUNTS_AS_THE_SAME(() ->
      new Read(Outcome.Succeeded.class) {
        @Override
        Entry changed(SimulatedLedger ledger, Entry entry) {
          var last = entry.lifetime();
          var now = ((Outcome.Succeeded) ledger.input()).resultSha256();
          return last == null
              ? entry
              : entry.with(new Lifetime(last.ttlMs(), last.since(), now, last.forgottenAt()));
        }
      }),

  THE_LIFETIME_OF_THE_LAST_ANSWER_IS_FORGOTTEN(() ->
      new Read(Outcome.Succeeded.class) {
        @Override
        Entry changed(SimulatedLedger ledger, Entry entry) {
          return entry.with((Lifetime) null);
        }
      }),

  A_WARM_UP_IS_DROPPED(() ->
      new Fault() {
        @Override
        byte @Nullable [] written(
            SimulatedLedger ledger, Kind store, Bytes key, byte @Nullable [] value) {
          boolean kept = store == Kind.COMMANDS || store == Kind.DUE;
          return ledger.input() instanceof Command.WarmUp && !kept
              ? SimulatedLedger.NOT_WRITTEN
              : value;
        }

        @Override
        @Nullable Object sent(SimulatedLedger ledger, Object value) {
          return ledger.input() instanceof Command.WarmUp && !(value instanceof Receipt)
              ? null
              : value;
        }
      }),

  WHAT_IS_KNOWN_IS_WARMED_UP_AGAIN(() ->
      new Read(Command.WarmUp.class) {
        @Override
        Entry changed(SimulatedLedger ledger, Entry entry) {
          return entry.with((Entry.Answer) null);
        }
      }),

  A_GIVEN_ANSWER_OUTLIVES_AN_INVALIDATION(() ->
      new Read(Admitted.class) {
        @Override
        Entry changed(SimulatedLedger ledger, Entry entry) {
          var answer = entry.answer();
          return answer == null || answer.provenance() == null
              ? entry
              : entry.with(made(answer, 1_000_000, answer.expiresAt()));
        }
      }),

  WHO_JOINS_IN_THE_BACKGROUND_STAYS_THERE(() ->
      new Read(Admitted.class) {
        @Override
        Entry changed(SimulatedLedger ledger, Entry entry) {
          return current(
              entry,
              current ->
                  current.inBackground()
                      ? new Dispatch(
                          current.epoch(),
                          current.state(),
                          Tier.ENTERPRISE,
                          current.attempt(),
                          current.generation(),
                          current.at(),
                          current.runId(),
                          current.notBefore(),
                          null)
                      : current);
        }
      }),

  WHAT_A_WARM_UP_WANTS_ENDS_WITH_ITS_WAITERS(() ->
      new Written(Command.WarmUp.class) {
        @Override
        Entry changed(SimulatedLedger ledger, Entry entry) {
          var flight = entry.flight();
          return flight == null
              ? entry
              : entry.with(
                  new Flight(
                      flight.jobId(),
                      flight.asked(),
                      flight.current(),
                      flight.superseded(),
                      flight.cohorts(),
                      flight.lost(),
                      flight.unknown(),
                      flight.notKept(),
                      null));
        }
      }),

  A_DECISION_IS_NOT_RECORDED(() ->
      new Silent() {
        @Override
        boolean silent(Object value) {
          return value instanceof Decision decision && decision.decision() == DecisionKind.STORED;
        }
      });

  private static final JsonSerde<Entry> ENTRY = new JsonSerde<>(Entry.class);
  private static final JsonSerde<RequestRow> REQUEST = new JsonSerde<>(RequestRow.class);

  @SuppressWarnings("ImmutableEnumChecker") // what it supplies is new each time
  private final Supplier<Fault> planted;

  PlantedFault(Supplier<Fault> planted) {
    this.planted = planted;
  }

  Fault plant() {
    return planted.get();
  }

  /// Changes entries as the ledger reads them, for one kind of input.
  private abstract static class Read extends Fault {
    private final Class<?> input;

    Read(Class<?> input) {
      this.input = input;
    }

    abstract Entry changed(SimulatedLedger ledger, Entry entry);

    @Override
    byte @Nullable [] read(SimulatedLedger ledger, Kind store, Bytes key, byte @Nullable [] value) {
      return store == Kind.ENTRIES && input.isInstance(ledger.input())
          ? entry(value, entry -> changed(ledger, entry))
          : value;
    }
  }

  /// Changes entries as the ledger writes them, for one kind of input.
  private abstract static class Written extends Fault {
    private final Class<?> input;

    Written(Class<?> input) {
      this.input = input;
    }

    abstract Entry changed(SimulatedLedger ledger, Entry entry);

    @Override
    byte @Nullable [] written(
        SimulatedLedger ledger, Kind store, Bytes key, byte @Nullable [] value) {
      return store == Kind.ENTRIES && input.isInstance(ledger.input())
          ? entry(value, entry -> changed(ledger, entry))
          : value;
    }
  }

  /// Writes something else for the entry that has to make room for the answer of another.
  private static final class Evicted extends Fault {
    private final byte @Nullable [] instead;

    Evicted(byte @Nullable [] instead) {
      this.instead = instead;
    }

    @Override
    byte @Nullable [] written(
        SimulatedLedger ledger, Kind store, Bytes key, byte @Nullable [] value) {
      boolean another =
          ledger.input() instanceof Outcome outcome
              && !text(key).equals(outcome.requestHash().hex());
      return store == Kind.ENTRIES && another ? instead : value;
    }
  }

  /// Forgets to write the rows of a store for one kind of input.
  private static final class NotWritten extends Fault {
    private final Kind store;
    private final Class<?> input;

    NotWritten(Kind store, Class<?> input) {
      this.store = store;
      this.input = input;
    }

    @Override
    byte @Nullable [] written(
        SimulatedLedger ledger, Kind written, Bytes key, byte @Nullable [] value) {
      return written == store && input.isInstance(ledger.input())
          ? SimulatedLedger.NOT_WRITTEN
          : value;
    }
  }

  /// Loses a store when another process takes over.
  private static final class Lost extends Fault {
    private final Kind lost;

    Lost(Kind lost) {
      this.lost = lost;
    }

    @Override
    boolean inherits(Kind store) {
      return store != lost;
    }
  }

  private abstract static class Silent extends Fault {

    abstract boolean silent(Object value);

    @Override
    @Nullable Object sent(SimulatedLedger ledger, Object value) {
      return silent(value) ? null : value;
    }
  }

  private static byte @Nullable [] entry(byte @Nullable [] value, UnaryOperator<Entry> change) {
    return value == null ? null : ENTRY.write(change.apply(ENTRY.read(value)));
  }

  private static Entry current(Entry entry, UnaryOperator<Dispatch> change) {
    var flight = entry.flight();
    return flight == null ? entry : entry.with(flight.withCurrent(change.apply(flight.current())));
  }

  private static Dispatch queued(Dispatch running) {
    return running.state() == State.RUNNING ? running.givenBack() : running;
  }

  private static Entry.Answer made(
      Entry.Answer answer, long generation, @Nullable Instant expiresAt) {
    boolean ageless = expiresAt == null;
    var at = ageless ? answer.completedAt().plusSeconds(1_000_000) : answer.completedAt();
    return copy(answer, generation, at, expiresAt, answer.runMs());
  }

  private static Entry.Answer copy(
      Entry.Answer answer, long generation, Instant at, @Nullable Instant expiresAt, long runMs) {
    return new Entry.Answer(
        answer.jobId(),
        answer.epoch(),
        generation,
        answer.tags(),
        at,
        expiresAt,
        answer.attempts(),
        runMs,
        answer.resultRef(),
        answer.resultBytes(),
        answer.resultSha256(),
        answer.failure(),
        answer.provenance(),
        answer.staleMs(),
        answer.notRefreshedBefore());
  }

  /// The entry with another answer in place of one that expires.
  private static Entry aged(Entry entry, UnaryOperator<Entry.Answer> change) {
    var answer = entry.answer();
    return answer == null || answer.expiresAt() == null ? entry : entry.with(change.apply(answer));
  }

  private static Entry.Answer lasting(Entry.Answer answer, Instant until) {
    var shift = Duration.between(answer.expiresAt(), until);
    return copy(
        answer, answer.generation(), answer.completedAt().plus(shift), until, answer.runMs());
  }

  private static Entry.Answer dearer(Entry.Answer answer) {
    return copy(
        answer,
        answer.generation(),
        answer.completedAt(),
        answer.expiresAt(),
        answer.runMs() * 100);
  }

  private static Completion cached(Completion c) {
    return new Completion(
        c.status(),
        Source.CACHED,
        c.requestId(),
        c.organizationId(),
        c.userId(),
        c.jobId(),
        c.requestHash(),
        c.type(),
        c.tier(),
        c.attempts(),
        c.waitMs(),
        c.runMs(),
        c.savedMs(),
        c.result(),
        c.resultRef(),
        c.resultBytes(),
        c.resultSha256(),
        c.error(),
        c.repeat(),
        c.completedAt());
  }

  private static Decision expiring(Decision decision, Instant at) {
    return copy(decision, decision.epoch(), at);
  }

  private static Decision under(Decision decision, long epoch) {
    return copy(decision, epoch, decision.expiresAt());
  }

  private static Decision copy(Decision d, @Nullable Long epoch, @Nullable Instant expiresAt) {
    return new Decision(
        d.decision(),
        d.requestId(),
        d.organizationId(),
        d.requestHash(),
        d.jobId(),
        epoch,
        d.runId(),
        d.type(),
        d.tier(),
        d.attempt(),
        d.reason(),
        d.generation(),
        expiresAt,
        d.notBefore(),
        d.partition(),
        d.sequence(),
        d.cause(),
        d.at());
  }

  private static Job under(Job job, long epoch) {
    return new Job(
        job.status(),
        job.jobId(),
        job.type(),
        job.tier(),
        epoch,
        job.attempt(),
        job.maxAttempts(),
        job.requestHash(),
        job.partition(),
        job.runLimitMs(),
        job.effect(),
        job.background(),
        job.at(),
        job.notBefore(),
        job.traceparent(),
        job.params());
  }

  private static String text(Bytes key) {
    return new String(key.get(), StandardCharsets.UTF_8);
  }
}
