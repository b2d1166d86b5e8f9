package dev.millrace.workers;

import dev.millrace.contracts.Tier;
import dev.millrace.contracts.Topics;
import dev.millrace.runtime.BlobStore;
import dev.millrace.runtime.CommonConfig;
import dev.millrace.runtime.KafkaClients;
import dev.millrace.runtime.Resources;
import dev.millrace.runtime.Sender;
import dev.millrace.runtime.Service;
import dev.millrace.runtime.Settings;
import dev.millrace.runtime.SettingsTopic;
import dev.millrace.runtime.Threads;
import dev.millrace.runtime.TopicAdmin;
import dev.millrace.workers.attempts.AttemptRunner;
import dev.millrace.workers.attempts.JobReader;
import dev.millrace.workers.handlers.Handlers;
import dev.millrace.workers.retries.RetryRelay;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.producer.Producer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A worker: lanes feed slots, slots run jobs, the relay brings retries back.
///
/// ```
/// jobs.free ───────▶ Lane ─┐
/// jobs.pro ────────▶ Lane ─┼─▶ Slots ─▶ AttemptRunner ─▶ jobs.outcomes, jobs.progress
/// jobs.enterprise ─▶ Lane ─┤   (WeightedLanes)  ▲
/// jobs.background ─▶ Lane ─┘                    │
/// jobs.control ────▶ ControlReader ─────────────┘
/// jobs.retry.* ────▶ RetryRelay ─▶ jobs.outcomes
/// ```
public final class WorkersService implements Service {

  private static final Logger LOG = LoggerFactory.getLogger(WorkersService.class);
  private static final Duration PATIENCE = Duration.ofMillis(25);
  private static final Duration PRODUCER_CLOSE = Duration.ofSeconds(1);
  private static final Duration SWEEP_EVERY = Duration.ofHours(1);

  private final String id;
  private final WorkersConfig config;
  private final Resources resources;
  private final Handlers handlers;
  private final BlobStore blobs;
  private final Slots slots;
  private final AttemptRunner runner;
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private final List<Lane> lanes = new ArrayList<>();
  private final List<Thread> laneThreads = new ArrayList<>();
  private final AtomicBoolean closing = new AtomicBoolean();
  private final AtomicBoolean closed = new AtomicBoolean();
  private BooleanSupplier listening = () -> false;

  private WorkersService(
      String id,
      WorkersConfig config,
      Topics topics,
      Producer<byte[], byte[]> producer,
      Handlers handlers,
      BlobStore blobs,
      Resources resources) {
    this.id = id;
    this.config = config;
    this.handlers = handlers;
    this.blobs = blobs;
    this.resources = resources;
    slots =
        new Slots(
            new WeightedLanes(
                config.weights(), config.slots(), config.backgroundSlots(), PATIENCE.toNanos()),
            resources.nanoTime());
    runner =
        new AttemptRunner(
            id,
            config.limits(),
            handlers,
            new KafkaReports(new Sender(producer), topics, id),
            blobs,
            new RunMeters(resources.meters()),
            resources);
    var _ = resources.meters().gauge("workers.slots.used", slots, Slots::used);
    opened.push(blobs);
    opened.push(() -> producer.close(PRODUCER_CLOSE));
  }

  /// Joins the lanes and begins to run jobs, with every handler on the class path.
  ///
  /// @throws IllegalStateException when the topics are missing or not as the contract says
  public static WorkersService start(WorkersConfig config, Settings settings, Resources resources) {
    return start(config, settings, Handlers.load(config.handlerSettings()), resources);
  }

  /// The same with these handlers and no others.
  public static WorkersService start(
      WorkersConfig config, Settings settings, Handlers handlers, Resources resources) {
    var clients = new KafkaClients(settings);
    var topics = new Topics(settings.text(CommonConfig.TOPIC_PREFIX));
    int partitions;
    try (var admin = new TopicAdmin(clients, topics, settings, resources.clock())) {
      partitions = admin.checkedPartitions();
    }
    LaneGroups.configure(clients, topics);

    var id = config.id().isEmpty() ? madeUp(resources) : config.id();
    var blobs = BlobStore.open(settings, resources.clock());
    var producer = clients.producer("millrace-workers-" + id);
    var service = new WorkersService(id, config, topics, producer, handlers, blobs, resources);
    try {
      service.open(clients, topics, partitions, producer);
    } catch (RuntimeException e) {
      service.close();
      throw e;
    }
    LOG.info(
        "worker started id={} slots={} types={}", id, config.slots(), service.handlers.types());
    return service;
  }

  private void open(
      KafkaClients clients, Topics topics, int partitions, Producer<byte[], byte[]> producer) {
    var reports = new KafkaReports(new Sender(producer), topics, id);
    var rejects = new Rejects(producer, topics, resources.clock(), () -> !closed.get());
    opened.push(Loop.urgently(Duration.ofMillis(100), "heartbeat", runner::beat));
    opened.push(Loop.urgently(Duration.ofMillis(50), "run-watch", this::watchRuns));
    opened.push(Loop.every(Duration.ofMillis(50), "progress", runner::flushProgress));
    opened.push(Loop.every(SWEEP_EVERY, "blob-sweep", this::sweepBlobs));
    var control = ControlReader.open(clients, topics.control(), runner::control, rejects);
    opened.push(control);
    var relay = RetryRelay.start(clients, topics, partitions, reports, rejects::reject, resources);
    opened.push(relay);
    listening = () -> control.ready() && relay.ready();
    if (config.slots() > 0) {
      openLanes(clients, topics, partitions, rejects);
    }
  }

  private void watchRuns() {
    var _ = runner.watch();
    // again, for a run that was not to be seen yet when its slot was first wanted back
    var _ = runner.makeRoom(slots.wantedBack());
  }

  private void sweepBlobs() {
    int swept =
        blobs.sweep(resources.clock().instant().minus(Duration.ofDays(BlobStore.KEPT_DAYS)));
    if (swept > 0) {
      LOG.info("large results past their time deleted count={}", swept);
    }
  }

  @Override
  public String name() {
    return "job-workers";
  }

  @Override
  public boolean ready() {
    return !closing.get() && listening.getAsBoolean() && lanes.stream().allMatch(Lane::ready);
  }

  @Override
  public Map<String, Object> details() {
    var details = new LinkedHashMap<String, Object>();
    details.put("id", id);
    details.put("slots", config.slots());
    details.put("slotsUsed", slots.used());
    details.put("types", handlers.types());
    details.put("running", runner.details());
    return details;
  }

  /// Takes nothing new, lets running jobs end for a while, gives the others back.
  @Override
  public void close() {
    if (!closing.compareAndSet(false, true)) {
      return;
    }
    LOG.info("worker draining id={} running={}", id, runner.running());
    slots.drain();
    lanes.forEach(Lane::drain);
    runner.giveBackWaiting();
    if (!within(config.drainTimeout(), this::idle)) {
      LOG.warn("giving back what did not finish in time id={} jobs={}", id, runner.details());
      runner.drain();
      if (!within(config.grace().plusMillis(500), this::idle)) {
        LOG.error("left behind id={} jobs={}", id, runner.details());
      }
    }
    closed.set(true);
    runner.close();
    opened.forEach(this::closeQuietly);
    LOG.info("worker closed id={}", id);
  }

  private void closeQuietly(AutoCloseable part) {
    try {
      part.close();
    } catch (Exception e) {
      LOG.warn("a part of the worker did not close cleanly id={}", id, e);
    }
  }

  private void openLanes(KafkaClients clients, Topics topics, int partitions, Rejects rejects) {
    int records = Math.min(config.records(), config.slots());
    var pauses = SettingsTopic.open(clients, topics);
    opened.push(pauses);
    pauses.onChange(() -> follow(pauses));
    follow(pauses);
    for (var tier : Tier.values()) {
      openLane(
          LaneSource.of(topics, tier, records), slots.turns(tier), clients, partitions, rejects);
    }
    if (config.backgroundSlots() > 0) {
      openLane(
          LaneSource.background(topics), slots.backgroundTurns(), clients, partitions, rejects);
    }
  }

  private void openLane(
      LaneSource source, Turns turns, KafkaClients clients, int partitions, Rejects rejects) {
    var lane =
        new Lane(
            source.name(),
            new JobReader(source.topic(), partitions),
            () -> SharedLane.join(clients, source),
            turns,
            runner,
            rejects,
            config.hold(),
            resources.nanoTime());
    lanes.add(lane);
    var thread = Threads.platform("lane-" + source.name()).newThread(lane);
    laneThreads.add(thread);
    thread.start();
  }

  private void follow(SettingsTopic pauses) {
    for (var tier : Tier.values()) {
      slots.pause(tier, pauses.paused(tier));
    }
  }

  private boolean idle() {
    return runner.running() == 0 && laneThreads.stream().noneMatch(Thread::isAlive);
  }

  private boolean within(Duration most, BooleanSupplier done) {
    long end = resources.nanoTime().getAsLong() + most.toNanos();
    while (!done.getAsBoolean()) {
      if (resources.nanoTime().getAsLong() - end >= 0) {
        return false;
      }
      LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
    }
    return true;
  }

  private static String madeUp(Resources resources) {
    return "w-%08x".formatted(resources.random().nextInt());
  }
}
