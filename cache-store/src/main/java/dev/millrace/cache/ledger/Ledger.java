package dev.millrace.cache.ledger;

import dev.millrace.cache.codec.ResultCodec;
import dev.millrace.cache.eviction.Budget;
import dev.millrace.cache.eviction.EvictionIndex;
import dev.millrace.cache.eviction.EvictionIndex.Victim;
import dev.millrace.cache.eviction.EvictionPolicy;
import dev.millrace.cache.layers.ResultCache;
import dev.millrace.cache.ledger.Rows.Counters;
import dev.millrace.cache.ledger.Rows.RequestKey;
import dev.millrace.cache.ledger.Rows.Running;
import dev.millrace.contracts.Command;
import dev.millrace.contracts.DecisionKind;
import dev.millrace.contracts.Outcome;
import dev.millrace.contracts.RejectionCode;
import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.Setting;
import dev.millrace.contracts.Tier;
import dev.millrace.contracts.Topic;
import dev.millrace.contracts.Topics;
import dev.millrace.runtime.Ranking;
import dev.millrace.runtime.Resources;
import io.micrometer.core.instrument.Counter;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.StoreBuilder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The shell around [LedgerRules] for one partition: reads what an event is about, has it decided,
/// and carries the effects out. All of it commits as one transaction or not at all.
public final class Ledger implements Processor<byte[], byte[], byte[], byte[]> {

  private static final Logger LOG = LoggerFactory.getLogger(Ledger.class);

  private static final Duration FAN_OUT_EVERY = Duration.ofMillis(20);
  private static final Duration COUNT_EVERY = Duration.ofMillis(20);
  private static final Duration READS_EVERY = Duration.ofMillis(100);
  private static final Duration DUE_EVERY = Duration.ofMillis(100);
  private static final Duration LEASES_EVERY = Duration.ofMillis(250);
  private static final int DUE_AT_ONCE = 200;

  private final Topics topics;
  private final LedgerSettings settings;
  private final Ranking ranking;
  private final Resources resources;
  private final Map<DecisionKind, Counter> decided = new EnumMap<>(DecisionKind.class);

  private ProcessorContext<byte[], byte[]> context;
  private Stores stores;
  private Outbox outbox;
  private LedgerClock clock;
  private Leases leases;
  private Lanes lanes;
  private Room room;
  private View view;
  private FanOut fanOut;
  private Commands commands;
  private PartitionReads reads;
  private int partition;
  private boolean announced;

  /// What the ledger must be told from outside.
  ///
  /// @param dedupeWindow how long a request is recognised when it comes again
  /// @param eviction which answer goes when room is needed
  /// @param budget what all partitions may hold together; each has an equal share
  /// @param codec how results lie in the stores
  /// @param memory where results are kept above the stores
  /// @param blobs where large results lie
  /// @param shared the settings topic
  /// @param reads where each ledger can be found by whoever reads beside it
  /// @param readUrl where others reach `reads`; null: nowhere
  public record LedgerSettings(
      Duration dedupeWindow,
      int partitions,
      EvictionPolicy eviction,
      Budget budget,
      Limits limits,
      ResultCodec codec,
      ResultCache memory,
      Blobs blobs,
      Shared shared,
      LedgerReads reads,
      @Nullable String readUrl) {

    /// What is let in.
    ///
    /// @param threshold the least cost score of an answer that is kept
    /// @param waiters how many may wait for one job
    public record Limits(int threshold, int waiters) {}

    /// What is known of the blob store.
    public interface Blobs {

      /// Whether it says that it has no such blob; the answer that names it is of this epoch.
      boolean missing(String ref, long epoch);
    }

    /// What all partitions agree on.
    public interface Shared {

      boolean paused(Tier lane);

      /// The recorded incarnation of a partition's store, or -1 when none is.
      long incarnation(int partition);
    }
  }

  /// Makes the ledger of each partition, with its stores.
  public static ProcessorSupplier<byte[], byte[], byte[], byte[]> supplier(
      Topics topics,
      LedgerSettings settings,
      Ranking ranking,
      Resources resources,
      boolean persistent) {
    return new ProcessorSupplier<>() {
      @Override
      public Processor<byte[], byte[], byte[], byte[]> get() {
        return new Ledger(topics, settings, ranking, resources);
      }

      @Override
      public Set<StoreBuilder<?>> stores() {
        return Set.copyOf(Stores.builders(persistent));
      }
    };
  }

  /// The topics a ledger writes to that are keyed by request hash.
  public static List<Topic<?>> hashedSinks(Topics topics) {
    return Outbox.hashed(topics);
  }

  /// The other topics a ledger writes to.
  public static List<Topic<?>> otherSinks(Topics topics) {
    return Outbox.others(topics);
  }

  private Ledger(Topics topics, LedgerSettings settings, Ranking ranking, Resources resources) {
    this.topics = topics;
    this.settings = settings;
    this.ranking = ranking;
    this.resources = resources;
  }

  @Override
  public void init(ProcessorContext<byte[], byte[]> newContext) {
    context = newContext;
    partition = context.taskId().partition();
    stores = new Stores(context, settings.codec(), settings.memory().tenure());
    outbox = new Outbox(context, topics);
    var counters = stores.counters();
    clock =
        new LedgerClock(
            resources.clock(), resources.nanoTime(), counters == null ? 0 : counters.clock());
    leases = new Leases();
    lanes = new Lanes(clock.nanos());
    var prefixes = new Prefixes(stores);
    var index =
        new EvictionIndex(
            settings.eviction(),
            settings.budget().share(settings.partitions()),
            resources.random());
    room = new Room(index, stores, resources.meters(), partition);
    view =
        new StoreView(
            stores,
            prefixes,
            room,
            lanes,
            settings.limits(),
            settings.shared(),
            settings.blobs(),
            clock);
    fanOut = new FanOut(stores, outbox);
    commands = new Commands(this, stores, prefixes, view, outbox, clock::now, settings, partition);
    reads = new PartitionReads(partition, Thread.currentThread(), stores, view, clock);
    takeOver();
    every(FAN_OUT_EVERY, fanOut::slice);
    every(COUNT_EVERY, commands::count);
    every(READS_EVERY, this::serveReads);
    every(DUE_EVERY, this::comeDue);
    every(DUE_EVERY, this::makeRoom);
    every(LEASES_EVERY, this::watchLeases);
  }

  private void every(Duration interval, Runnable work) {
    context.schedule(interval, PunctuationType.WALL_CLOCK_TIME, _ -> work.run());
  }

  /// Leases start anew: the runs get their time to be heard by this process.
  private void takeOver() {
    stores.eachRunning(
        (hash, run) -> leases.renew(hash, run.jobId(), run.epoch(), run.runId(), clock.nanos()));
    for (var due : stores.allDue(Due.Kind.QUEUED)) {
      track(Entry.EMPTY, stores.entry(RequestHash.of(due.subject())));
    }
    room.readOn();
    settings.reads().open(partition, reads);
    LOG.info("ledger ready partition={} running={}", partition, leases.size());
  }

  @Override
  public void close() {
    settings.reads().withdraw(partition, reads);
    room.close();
  }

  /// Says where this partition is read, and gives readers the commit that proves it is ours.
  private void serveReads() {
    if (!announced && settings.readUrl() != null) {
      outbox.setting(
          new Setting(Setting.readPort(partition), null, null, settings.readUrl(), clock.now()));
      announced = true;
    }
    if (reads.wantsCommit()) {
      stores.put(counters());
    }
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    var at = context.recordMetadata().orElseThrow();
    ranking.served(partition, record.timestamp());
    reads.tookRecord();
    Runnable work;
    try {
      work = understand(record, at);
    } catch (SerializationException | IllegalArgumentException e) {
      reject(record, at, RejectionCode.E_RECORD, e);
      return;
    }
    work.run();
  }

  private Runnable understand(Record<byte[], byte[]> record, RecordMetadata at) {
    if (record.value() == null) {
      throw new SerializationException("expected a value, got none");
    }
    for (var tier : Tier.values()) {
      if (at.topic().equals(topics.admitted(tier).name())) {
        var request = topics.admitted(tier).serde().read(record.value());
        var hash = own(request.requestHash());
        return () -> {
          var step = decide(record, at, hash, it -> Admission.admit(it, request));
          if (step != null
              && step.effects().stream().anyMatch(Effect.PutRequest.class::isInstance)) {
            forgetLater(Stores.requestKey(RequestKey.of(request)));
          }
        };
      }
    }
    if (at.topic().equals(topics.outcomes().name())) {
      var outcome = topics.outcomes().serde().read(record.value());
      var hash = own(outcome.requestHash());
      if (outcome instanceof Outcome.Check check && !leases.over(check, clock.nanos())) {
        return () -> {};
      }
      return () -> decide(record, at, hash, step -> LedgerRules.outcome(step, outcome));
    }
    var command = topics.admittedCommands().serde().read(record.value());
    if (command.commandId() == null) {
      throw new IllegalArgumentException("an admitted command has a commandId");
    }
    if (command instanceof Command.WarmUp warmUp) {
      warmUp.wanted().forEach(warm -> own(warm.request().requestHash()));
    }
    return () -> commands.apply(command, cause(at));
  }

  /// A hash of this partition: anything else was sent here by mistake.
  private RequestHash own(RequestHash hash) {
    int home = hash.partition(settings.partitions());
    if (home != partition) {
      throw new IllegalArgumentException(
          "the hash belongs to partition " + home + ", not to " + partition);
    }
    return hash;
  }

  /// @return what was decided; null when nothing could be
  private @Nullable Step decide(
      Record<byte[], byte[]> record, RecordMetadata at, RequestHash hash, Consumer<Step> rule) {
    var step = step(hash, cause(at));
    try {
      rule.accept(step);
    } catch (KafkaException e) {
      throw e;
    } catch (RuntimeException e) {
      LOG.error(
          "event put aside topic={} partition={} offset={}",
          at.topic(),
          at.partition(),
          at.offset(),
          e);
      reject(record, at, RejectionCode.E_INTERNAL, e);
      return null;
    }
    carryOut(step);
    return step;
  }

  Step step(RequestHash hash, String cause) {
    return new Step(hash, stores.entry(hash), counters(), clock.now(), partition, cause, view);
  }

  /// The partition's counters; a store built from nothing starts them beyond every number its
  /// predecessors gave out.
  Counters counters() {
    var counters = stores.counters();
    if (counters == null) {
      long incarnation = settings.shared().incarnation(partition) + 1;
      counters = Counters.fresh(incarnation);
      stores.put(counters);
      outbox.setting(
          new Setting(Setting.incarnation(partition), null, incarnation, null, clock.now()));
    }
    return counters;
  }

  void carryOut(Step step) {
    var before = step.before();
    var after = step.entry();
    boolean changed = !after.equals(before);
    if (!Objects.equals(before.answer(), after.answer())) {
      reads.changing(step.hash());
    }
    if (changed) {
      stores.put(step.hash(), after);
      track(before, after);
    }
    var effects = step.effects();
    if (changed || !effects.stream().allMatch(Effect.Lease.class::isInstance)) {
      stores.put(step.counters());
    }
    effects.forEach(this::carryOut);
    if (changed) {
      evict(room.changed(step.hash(), before.answer(), after.answer()), step.cause());
    }
  }

  /// Takes the answers that had to go out of the stores too, in the transaction of what they went
  /// for.
  private void evict(List<Victim> victims, String cause) {
    for (var victim : victims) {
      var step = step(victim.hash(), cause);
      Answers.evict(step, room.reason(victim));
      carryOut(step);
      room.evicted(victim);
    }
  }

  private void carryOut(Effect effect) {
    switch (effect) {
      case Effect.PutWaiter put -> stores.putWaiter(put.hash(), put.key(), put.waiter());
      case Effect.DropWaiter drop -> stores.putWaiter(drop.hash(), drop.key(), null);
      case Effect.PutRequest put -> stores.put(put.key(), put.row());
      case Effect.AddDue add -> stores.add(add.due());
      case Effect.PutParams put -> stores.putParams(put.jobId(), put.params());
      case Effect.DropParams drop -> stores.putParams(drop.jobId(), null);
      case Effect.PutResult put -> stores.putResult(put.hash(), put.type(), put.result());
      case Effect.DropResult drop -> stores.dropResult(drop.hash());
      case Effect.Touch touch -> room.hit(touch.hash());
      case Effect.Lease lease -> {
        if (leases.renew(
            lease.hash(), lease.jobId(), lease.epoch(), lease.runId(), clock.nanos())) {
          stores.putRunning(lease.hash(), new Running(lease.jobId(), lease.epoch(), lease.runId()));
        }
      }
      case Effect.Release release -> {
        if (leases.release(release.hash())) {
          stores.putRunning(release.hash(), null);
        }
      }
      case Effect.FanOut fan -> fanOut.begin(fan.ending());
      case Effect.Decide decide -> {
        decided.computeIfAbsent(decide.decision().decision(), this::counter).increment();
        outbox.decision(decide.decision());
      }
      case Effect.Dispatch dispatch -> outbox.dispatch(dispatch.job());
      case Effect.Delay delay -> outbox.delay(delay.job(), delay.delay());
      case Effect.Bury bury -> outbox.bury(bury.job(), bury.failure());
      case Effect.Complete complete -> outbox.completion(complete.completion());
      case Effect.Direct direct -> outbox.control(direct.control());
      case Effect.Finish finish -> outbox.progress(finish.progress());
      case Effect.Warn warn -> outbox.alert(warn.alert());
    }
  }

  private Counter counter(DecisionKind kind) {
    return resources.meters().counter("ledger.decisions", "decision", kind.name());
  }

  /// Keeps the picture of the lanes in step with the entries.
  private void track(Entry before, Entry after) {
    var was = queued(before);
    var is = queued(after);
    if (was != null && (is == null || is.epoch() != was.epoch())) {
      lanes.left(was);
    }
    if (is != null) {
      lanes.queued(is);
    }
    var flight = after.flight();
    if (was != null && flight != null && flight.current().state() == Flight.State.RUNNING) {
      lanes.started(flight.current(), clock.nanos());
    }
  }

  private static Flight.@Nullable Dispatch queued(Entry entry) {
    var flight = entry.flight();
    return flight != null && flight.current().state() == Flight.State.QUEUED
        ? flight.current()
        : null;
  }

  private void comeDue() {
    var now = clock.now();
    for (var kind : Due.Kind.values()) {
      for (var due : stores.due(kind, now, DUE_AT_ONCE)) {
        stores.drop(due);
        switch (kind) {
          case REQUEST -> forget(due.subject());
          case COMMAND -> stores.putReceipt(due.subject(), null);
          case RECEIPT -> commands.due(due.subject());
          case ANSWER, LIFETIME, DEADLINE, QUEUED, BACKOFF -> comeDue(due);
        }
      }
    }
  }

  private void makeRoom() {
    room.readOn();
    evict(room.overflow(), clockCause());
  }

  /// What happens because time passed has the number of its first decision.
  private String clockCause() {
    return "clock-" + partition + "-" + (counters().sequence() + 1);
  }

  private void comeDue(Due due) {
    var step = step(RequestHash.of(due.subject()), clockCause());
    try {
      LedgerRules.due(step, due);
    } catch (KafkaException e) {
      throw e;
    } catch (RuntimeException e) {
      LOG.error("due row put aside {}", due, e);
      return;
    }
    carryOut(step);
  }

  private void watchLeases() {
    leases.silent(clock.nanos(), clock.now()).forEach(outbox::check);
  }

  private void forgetLater(String requestKey) {
    stores.add(
        new Due(Due.Kind.REQUEST, clock.now().plus(settings.dedupeWindow()), requestKey, ""));
  }

  /// The dedupe window of a request is over. One that still waits is never forgotten.
  private void forget(String requestKey) {
    if (stores.waits(requestKey)) {
      forgetLater(requestKey);
    } else {
      stores.dropRequest(requestKey);
    }
  }

  private void reject(
      Record<byte[], byte[]> record, RecordMetadata at, RejectionCode code, Exception cause) {
    outbox.reject(record, at, code, String.valueOf(cause.getMessage()), now());
  }

  private Instant now() {
    return clock.now();
  }

  private static String cause(RecordMetadata at) {
    return at.topic() + "-" + at.partition() + "-" + at.offset();
  }
}
