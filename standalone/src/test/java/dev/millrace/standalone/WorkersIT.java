package dev.millrace.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.contracts.Control;
import dev.millrace.contracts.DeclineReason;
import dev.millrace.contracts.HeaderNames;
import dev.millrace.contracts.Job;
import dev.millrace.contracts.JobId;
import dev.millrace.contracts.Outcome;
import dev.millrace.contracts.Progress;
import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.RetryDelay;
import dev.millrace.contracts.Setting;
import dev.millrace.contracts.Status;
import dev.millrace.contracts.Tier;
import dev.millrace.contracts.Topic;
import dev.millrace.contracts.Topics;
import dev.millrace.runtime.CommonConfig;
import dev.millrace.runtime.KafkaClients;
import dev.millrace.runtime.Resources;
import dev.millrace.runtime.Sender;
import dev.millrace.runtime.Settings;
import dev.millrace.runtime.TopicAdmin;
import dev.millrace.workers.WorkersConfig;
import dev.millrace.workers.WorkersService;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// A worker on a real broker, with the test in the place of the ledger.
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class WorkersIT {

  @RegisterExtension static final SharedBroker BROKER = new SharedBroker();

  private static final AtomicInteger NUMBERS = new AtomicInteger();
  private static final int PARTITIONS = 4;

  @TempDir Path folder;

  private final Map<String, String> flags = new HashMap<>();
  private final List<WorkersService> workers = new ArrayList<>();
  private Topics topics;
  private Sender sender;
  private Reading<Outcome> outcomes;

  @BeforeEach
  void prepare() {
    var prefix = BROKER.topicPrefix();
    flags.put(CommonConfig.BOOTSTRAP_SERVERS, BROKER.bootstrapServers());
    flags.put(CommonConfig.TOPIC_PREFIX, prefix);
    flags.put(CommonConfig.BLOBS_DIR, folder.resolve("blobs").toString());
    flags.put(WorkersConfig.SCRATCH_DIR, folder.resolve("scratch").toString());
    flags.put("workers.command.allow", "sleep,false");
    topics = new Topics(prefix);
    try (var admin = new TopicAdmin(clients(), topics, settings(), Resources.system().clock())) {
      var _ = admin.create();
    }
    sender = new Sender(clients().producer("test"));
    outcomes = new Reading<>(topics.outcomes());
  }

  @AfterEach
  void stop() {
    workers.forEach(WorkersService::close);
    outcomes.close();
    sender.close();
  }

  @Test
  void a_job_is_started_reports_progress_and_is_answered() {
    try (var progress = new Reading<>(topics.progress())) {
      start();
      var params = JsonNodeFactory.instance.objectNode();
      params.put("campaignId", "cmp_81").put("paths", 200_000);
      var job = job("simulation", Tier.PRO, params, false);

      send(job);

      var succeeded = outcomes.awaitOne(Outcome.Succeeded.class, job);
      assertThat(succeeded.result()).isNotNull();
      assertThat(outcomes.all(Outcome.Started.class, job)).hasSize(1);
      progress.poll();
      progress.only(value -> value.jobId().equals(job.jobId()));
      var records = progress.records;
      assertThat(records).isNotEmpty();
      assertThat(records)
          .allMatch(r -> "1.0".equals(HeaderNames.text(r.headers(), "ce_specversion")))
          .allMatch(r -> job.traceparent().equals(HeaderNames.text(r.headers(), "traceparent")));
      assertThat(progress.values)
          .isSortedAccordingTo((a, b) -> Long.compare(a.sequence(), b.sequence()));
      assertThat(progress.values).extracting(Progress::progress).isSorted();
      assertThat(progress.values.getLast().progress()).isEqualTo(100);
      assertThat(records.getLast().timestamp()).isLessThanOrEqualTo(outcomes.timestamp(succeeded));
    }
  }

  @Test
  void what_finds_no_slot_within_a_second_is_declined_busy() {
    flags.put(WorkersConfig.SLOTS, "1");
    var worker = start();
    await().atMost(Duration.ofSeconds(30)).until(worker::ready);
    var warmUp = sleeping("0", Tier.PRO);
    send(warmUp);
    outcomes.awaitOne(Outcome.Succeeded.class, warmUp);
    var jobs =
        List.of(sleeping("6", Tier.FREE), sleeping("6", Tier.PRO), sleeping("6", Tier.ENTERPRISE));

    jobs.forEach(this::send);

    await()
        .atMost(Duration.ofSeconds(45))
        .until(() ->
            jobs.stream()
                .allMatch(job ->
                    outcomes.all(Outcome.Started.class, job).size()
                            + outcomes.all(Outcome.Declined.class, job).size()
                        == 1));
    var declined =
        jobs.stream().flatMap(job -> outcomes.all(Outcome.Declined.class, job).stream()).toList();
    assertThat(declined)
        .isNotEmpty()
        .allMatch(outcome -> outcome.reason() == DeclineReason.BUSY)
        .allMatch(outcome -> outcome.runId() == null);
  }

  @Test
  void jobs_nobody_waits_for_make_room_at_once_and_run_when_there_is_room_again() {
    flags.put(WorkersConfig.SLOTS, "2");
    flags.put(WorkersConfig.HOLD, "10000");
    start();
    var idle = background(sleeping("60", Tier.FREE));
    send(idle);
    var given = outcomes.awaitOne(Outcome.Started.class, idle);
    var first = sleeping("0", Tier.ENTERPRISE);
    send(first);
    outcomes.awaitOne(Outcome.Succeeded.class, first);
    assertThat(outcomes.all(Outcome.Declined.class, idle)).as("one slot is kept free").isEmpty();

    var busy = sleeping("60", Tier.PRO);
    var urgent = sleeping("0", Tier.ENTERPRISE);
    send(busy);
    outcomes.awaitOne(Outcome.Started.class, busy);
    send(urgent);

    outcomes.awaitOne(Outcome.Succeeded.class, urgent);
    assertThat(outcomes.all(Outcome.Declined.class, urgent)).isEmpty();
    var declined = outcomes.awaitOne(Outcome.Declined.class, idle);
    assertThat(declined.reason()).isEqualTo(DeclineReason.YIELD);
    assertThat(declined.runId()).isEqualTo(given.runId());
    var again = background(sleeping("0", Tier.FREE));
    send(again);
    outcomes.awaitOne(Outcome.Succeeded.class, again);
    assertThat(outcomes.all(Outcome.Started.class, busy)).hasSize(1);
  }

  @Test
  void a_draining_worker_gives_back_what_it_runs_within_ten_seconds() {
    flags.put(WorkersConfig.DRAIN_TIMEOUT, "500");
    var worker = start();
    var job = sleeping("60", Tier.ENTERPRISE);
    send(job);
    var started = outcomes.awaitOne(Outcome.Started.class, job);

    long before = System.nanoTime();
    worker.close();

    assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(10));
    var declined = outcomes.awaitOne(Outcome.Declined.class, job);
    assertThat(declined.reason()).isEqualTo(DeclineReason.DRAIN);
    assertThat(declined.runId()).isEqualTo(started.runId());

    start();
    var next = sleeping("0", Tier.ENTERPRISE);
    send(next);
    outcomes.awaitOne(Outcome.Succeeded.class, next);
    assertThat(outcomes.all(Outcome.Started.class, job)).hasSize(1);
  }

  @Test
  void a_record_that_a_killed_worker_held_goes_to_another() throws Exception {
    var job = sleeping("0", Tier.PRO);
    send(job);
    try (var killed =
        ChildJvm.start(
            HoldingWorker.class, BROKER.bootstrapServers(), topics.prefix(), Tier.PRO.id())) {
      assertThat(killed.line()).isEqualTo("holding 1");
      killed.kill();
    }

    start();

    outcomes.awaitOne(Outcome.Succeeded.class, job);
    assertThat(outcomes.all(Outcome.Started.class, job)).hasSize(1);
  }

  @Test
  void a_revoke_stops_the_run_and_an_effect_begins_with_its_grant() {
    start();
    var job = sleeping("60", Tier.PRO);
    var effect = job("command", Tier.PRO, command("sleep", "0"), true);
    send(job);
    send(effect);
    var started = outcomes.awaitOne(Outcome.Started.class, job);
    var waiting = outcomes.awaitOne(Outcome.Heartbeat.class, effect);
    assertThat(waiting.waiting()).isTrue();
    assertThat(outcomes.all(Outcome.Succeeded.class, effect)).isEmpty();

    say(new Control.Revoke(job.jobId(), job.epoch(), started.runId(), "test", job.at()));
    say(new Control.Grant(effect.jobId(), effect.epoch(), waiting.runId(), job.at()));

    outcomes.awaitOne(Outcome.Cancelled.class, job);
    outcomes.awaitOne(Outcome.Succeeded.class, effect);
  }

  @Test
  void a_failing_program_fails_its_attempt() {
    start();
    var job = job("command", Tier.FREE, command("false"), false);
    send(job);

    var failed = outcomes.awaitOne(Outcome.Failed.class, job);

    assertThat(failed.error().code()).isEqualTo("HANDLER_FAILED");
    assertThat(failed.error().retryable()).isTrue();
  }

  @Test
  void a_paused_lane_waits_and_the_others_do_not() {
    start();
    pause(Tier.FREE, true);
    var probe = sleeping("0", Tier.PRO);
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> {
          var free = sleeping("0", Tier.FREE);
          send(free);
          outcomes.pollFor(Duration.ofMillis(700));
          return outcomes.all(Outcome.Started.class, free).isEmpty();
        });
    send(probe);
    outcomes.awaitOne(Outcome.Succeeded.class, probe);

    var last = sleeping("0", Tier.FREE);
    send(last);
    pause(Tier.FREE, false);
    outcomes.awaitOne(Outcome.Succeeded.class, last);
  }

  @Test
  void a_retry_is_due_when_its_delay_is_over_and_never_early() {
    flags.put(WorkersConfig.SLOTS, "0");
    start();
    start();
    var sent = new HashMap<JobId, Long>();
    for (int i = 0; i < 40; i++) {
      var job = sleeping("0", Tier.PRO);
      var metadata =
          sender
              .send(
                  topics.retry(RetryDelay.SECOND),
                  job.partition(),
                  job.requestHash().hex(),
                  job,
                  Map.of())
              .join();
      sent.put(job.jobId(), metadata.timestamp());
    }

    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> {
          outcomes.poll();
          return outcomes.values.stream()
                  .filter(Outcome.Due.class::isInstance)
                  .map(Outcome::jobId)
                  .distinct()
                  .count()
              == 40;
        });
    for (int i = 0; i < outcomes.values.size(); i++) {
      var jobId = outcomes.values.get(i).jobId();
      if (!sent.containsKey(jobId)) {
        continue;
      }
      assertThat(outcomes.records.get(i).timestamp() - sent.get(jobId))
          .as("delay of %s", jobId)
          .isGreaterThanOrEqualTo(1_000);
    }
  }

  private WorkersService start() {
    var settings = settings();
    var worker = WorkersService.start(WorkersConfig.of(settings), settings, Resources.system());
    workers.add(worker);
    return worker;
  }

  private Settings settings() {
    return Settings.load(
        WorkersConfig.def(), new Settings.Sources(Map.of(), Map.of(), Map.copyOf(flags)));
  }

  private KafkaClients clients() {
    return new KafkaClients(settings());
  }

  private static Job sleeping(String seconds, Tier tier) {
    return job("command", tier, command("sleep", seconds), false);
  }

  private static ObjectNode command(String program, String... arguments) {
    var params = JsonNodeFactory.instance.objectNode().put("program", program);
    var array = params.putArray("args");
    for (var argument : arguments) {
      array.add(argument);
    }
    return params;
  }

  private static Job job(String type, Tier tier, ObjectNode params, boolean effect) {
    int number = NUMBERS.incrementAndGet();
    var hash = RequestHash.of("%08x".formatted(number) + "b".repeat(56));
    return new Job(
        Status.QUEUED,
        JobId.of(type, hash, number),
        type,
        tier,
        number,
        1,
        4,
        hash,
        hash.partition(PARTITIONS),
        120_000,
        effect,
        null,
        Instant.parse("2026-11-20T09:00:00Z"),
        null,
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        params);
  }

  private static Job background(Job job) {
    return new Job(
        job.status(),
        job.jobId(),
        job.type(),
        job.tier(),
        job.epoch(),
        job.attempt(),
        job.maxAttempts(),
        job.requestHash(),
        job.partition(),
        job.runLimitMs(),
        job.effect(),
        true,
        job.at(),
        job.notBefore(),
        job.traceparent(),
        job.params());
  }

  private void send(Job job) {
    var lane = job.background() == null ? topics.lane(job.tier()) : topics.background();
    sender.send(lane, job.partition(), job.requestHash().hex(), job, Map.of()).join();
  }

  private void say(Control control) {
    sender.send(topics.control(), null, control.jobId().value(), control, Map.of()).join();
  }

  private void pause(Tier tier, boolean paused) {
    var key = Setting.lane(tier);
    var setting = new Setting(key, paused, null, null, Instant.parse("2026-11-20T09:00:00Z"));
    sender.send(topics.settings(), 0, key, setting, Map.of()).join();
  }

  /// A topic from its beginning.
  private final class Reading<V> implements AutoCloseable {

    private final Topic<V> topic;
    private final Consumer<byte[], byte[]> consumer;
    private final List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    private final List<V> values = new ArrayList<>();

    Reading(Topic<V> topic) {
      this.topic = topic;
      consumer = clients().consumer(null, "test-" + topic.name(), Map.of());
      var partitions =
          consumer.partitionsFor(topic.name()).stream()
              .map(partition -> new TopicPartition(topic.name(), partition.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
    }

    void poll() {
      pollFor(Duration.ofMillis(300));
    }

    void pollFor(Duration time) {
      long end = System.nanoTime() + time.toNanos();
      while (System.nanoTime() < end) {
        for (var record : consumer.poll(Duration.ofMillis(100))) {
          records.add(record);
          values.add(topic.serde().read(record.value()));
        }
      }
    }

    void only(Predicate<V> wanted) {
      for (int i = values.size() - 1; i >= 0; i--) {
        if (!wanted.test(values.get(i))) {
          values.remove(i);
          records.remove(i);
        }
      }
    }

    <T extends Outcome> List<T> all(Class<T> kind, Job job) {
      poll();
      return values.stream()
          .filter(kind::isInstance)
          .map(kind::cast)
          .filter(outcome -> outcome.jobId().equals(job.jobId()))
          .toList();
    }

    <T extends Outcome> T awaitOne(Class<T> kind, Job job) {
      await().atMost(Duration.ofSeconds(45)).until(() -> !all(kind, job).isEmpty());
      return all(kind, job).getFirst();
    }

    long timestamp(@Nullable Object value) {
      return records.get(values.indexOf(value)).timestamp();
    }

    @Override
    public void close() {
      consumer.close();
    }
  }

  /// Takes a record from a lane and does nothing with it.
  static final class HoldingWorker {

    private HoldingWorker() {}

    public static void main(String[] arguments) throws Exception {
      var flags =
          Map.of(
              CommonConfig.BOOTSTRAP_SERVERS, arguments[0],
              CommonConfig.TOPIC_PREFIX, arguments[1]);
      var settings =
          Settings.load(CommonConfig.def(), new Settings.Sources(Map.of(), Map.of(), flags));
      var topics = new Topics(arguments[1]);
      var tier = Tier.of(arguments[2]);
      var consumer =
          new KafkaClients(settings)
              .shareConsumer(TopicAdmin.laneGroup(topics, tier), "holding", Map.of());
      consumer.subscribe(List.of(topics.lane(tier).name()));
      int held = 0;
      while (held == 0) {
        held = consumer.poll(Duration.ofSeconds(1)).count();
      }
      ChildJvm.say("holding " + held);
    }
  }
}
