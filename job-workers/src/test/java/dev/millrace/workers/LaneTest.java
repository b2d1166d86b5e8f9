package dev.millrace.workers;

import static dev.millrace.workers.Jobs.aJob;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.contracts.DeclineReason;
import dev.millrace.contracts.Job;
import dev.millrace.contracts.Outcome;
import dev.millrace.contracts.RejectionCode;
import dev.millrace.contracts.Tier;
import dev.millrace.contracts.Topics;
import dev.millrace.runtime.FileBlobStore;
import dev.millrace.workers.attempts.AttemptLimits;
import dev.millrace.workers.attempts.AttemptRunner;
import dev.millrace.workers.attempts.JobReader;
import dev.millrace.workers.attempts.RunListener;
import dev.millrace.workers.handlers.Handlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LaneTest {

  private static final Topics TOPICS = new Topics("");
  @TempDir Path folder;

  private Duration hold = Duration.ofMillis(50);
  private final HandMovedTime time = new HandMovedTime();
  private final RecordingReports reports = new RecordingReports();
  private final ScriptedHandler handler = new ScriptedHandler();
  private final FakeLane records = new FakeLane();
  private final MockProducer<byte[], byte[]> producer =
      new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
  private final Slots slots =
      new Slots(
          new WeightedLanes(Map.of(Tier.ENTERPRISE, 6, Tier.PRO, 3, Tier.FREE, 1), 2, 2, 1_000_000),
          System::nanoTime);

  private AttemptRunner runner() {
    var limits =
        new AttemptLimits(
            Duration.ofSeconds(1),
            Duration.ofSeconds(4),
            Duration.ofMillis(200),
            Duration.ofSeconds(3),
            1_000,
            folder);
    return new AttemptRunner(
        "w-1",
        limits,
        new Handlers(List.of(handler)),
        reports,
        new FileBlobStore(folder, time),
        new RunListener() {},
        time.resources());
  }

  private final List<AttemptRunner> runners = new ArrayList<>();

  private Lane lane() {
    var runner = runner();
    runners.add(runner);
    return lane(slots.turns(Tier.PRO), runner);
  }

  private Lane lane(Turns turns, AttemptRunner runner) {
    return new Lane(
        "pro",
        new JobReader(TOPICS.lane(Tier.PRO), Jobs.PARTITIONS),
        () -> records,
        turns,
        runner,
        new Rejects(producer, TOPICS, time, () -> true),
        hold,
        System::nanoTime);
  }

  @AfterEach
  void stop() {
    runners.forEach(AttemptRunner::drain);
    runners.forEach(AttemptRunner::close);
  }

  @Test
  void a_record_is_accepted_once_its_job_is_started() throws Exception {
    records.offer(aJob().build());

    assertThat(lane().runOnce(records)).isEqualTo(1);

    assertThat(records.accepted).hasSize(1);
    assertThat(reports.outcomes().getFirst()).isInstanceOf(Outcome.Started.class);
  }

  @Test
  void what_finds_no_slot_in_time_is_declined_and_accepted() throws Exception {
    handler.untilStopped();
    records.offer(aJob().number(1).build());
    records.offer(aJob().number(2).build());
    records.offer(aJob().number(3).build());

    assertThat(lane().runOnce(records)).isEqualTo(2);

    assertThat(slots.used()).isEqualTo(2);
    assertThat(records.accepted).hasSize(3);
    var declined = reports.all(Outcome.Declined.class).getFirst();
    assertThat(declined.reason()).isEqualTo(DeclineReason.BUSY);
    assertThat(declined.runId()).isNull();
    assertThat(declined.requestHash()).isEqualTo(aJob().number(3).build().requestHash());
  }

  @Test
  void an_unknown_type_is_declined() throws Exception {
    records.offer(aJob().type("unheard-of").build());

    assertThat(lane().runOnce(records)).isZero();

    assertThat(reports.all(Outcome.Declined.class).getFirst().reason())
        .isEqualTo(DeclineReason.UNKNOWN_TYPE);
    assertThat(records.accepted).hasSize(1);
  }

  @Test
  void a_bad_record_is_kept_with_its_reason_and_accepted() throws Exception {
    records.offer("nonsense".getBytes(StandardCharsets.UTF_8));
    records.offer(aJob().build());

    assertThat(lane().runOnce(records)).isEqualTo(1);

    assertThat(records.accepted).hasSize(2);
    var rejected = producer.history().getFirst();
    assertThat(rejected.topic()).isEqualTo("requests.rejected");
    assertThat(rejected.value()).asString().isEqualTo("nonsense");
    assertThat(
            new String(rejected.headers().lastHeader("error-code").value(), StandardCharsets.UTF_8))
        .isEqualTo(RejectionCode.E_RECORD.name());
  }

  @Test
  void a_lane_that_drains_gives_back_what_it_holds() throws Exception {
    handler.untilStopped();
    var lane = lane();
    records.onPoll =
        () -> {
          slots.drain();
          lane.drain();
        };
    records.offer(aJob().build());

    assertThat(lane.runOnce(records)).isZero();

    assertThat(reports.all(Outcome.Declined.class).getFirst().reason())
        .isEqualTo(DeclineReason.DRAIN);
    assertThat(records.accepted).hasSize(1);
    assertThat(handler.begun()).isZero();
  }

  @Test
  void nothing_is_accepted_that_the_ledger_will_not_hear_of() throws Exception {
    var lane = lane();
    records.onPoll = () -> runners.forEach(AttemptRunner::close);
    reports.leaveUnanswered(_ -> true);
    records.offer(aJob().build());

    assertThat(lane.runOnce(records)).isZero();

    assertThat(records.accepted).isEmpty();
  }

  @Test
  void a_job_nobody_waits_for_makes_room_for_one_that_finds_no_slot() throws Exception {
    hold = Duration.ofMinutes(1);
    handler.untilStopped();
    var runner = runner();
    runners.add(runner);
    records.offer(aJob().number(1).build());
    assertThat(lane(slots.backgroundTurns(), runner).runOnce(records)).isEqualTo(1);
    var yielding = reports.all(Outcome.Started.class).getFirst();
    records.offerInstead(aJob().number(2).build(), aJob().number(3).build());

    assertThat(lane(slots.turns(Tier.PRO), runner).runOnce(records)).isEqualTo(2);

    assertThat(slots.used()).isEqualTo(2);
    await().until(() -> !reports.all(Outcome.Declined.class).isEmpty());
    var declined = reports.all(Outcome.Declined.class).getFirst();
    assertThat(declined.reason()).isEqualTo(DeclineReason.YIELD);
    assertThat(declined.runId()).isEqualTo(yielding.runId());
  }

  @Test
  void the_background_is_not_polled_while_a_lane_wants_the_slots() throws Exception {
    slots.turns(Tier.FREE).fetched(1);
    slots.turns(Tier.PRO).fetched(1);

    assertThat(lane(slots.backgroundTurns(), runner()).runOnce(records)).isZero();

    assertThat(records.polls).isZero();
  }

  @Test
  void a_paused_lane_is_not_polled() throws Exception {
    slots.pause(Tier.PRO, true);
    records.offer(aJob().build());

    assertThat(lane().runOnce(records)).isZero();

    assertThat(records.polls).isZero();
  }

  private static final class FakeLane implements LaneRecords {

    private final List<ConsumerRecord<byte[], byte[]>> offered = new ArrayList<>();
    private final List<ConsumerRecord<byte[], byte[]>> accepted = new ArrayList<>();
    private Runnable onPoll = () -> {};
    private int polls;

    void offer(Job job) {
      offer(TOPICS.lane(Tier.PRO).serde().write(job));
    }

    void offerInstead(Job... jobs) {
      offered.clear();
      List.of(jobs).forEach(this::offer);
    }

    void offer(byte[] value) {
      offered.add(new ConsumerRecord<>("jobs.pro", 0, offered.size(), null, value));
    }

    @Override
    public List<ConsumerRecord<byte[], byte[]>> poll(Duration most) {
      polls++;
      onPoll.run();
      return List.copyOf(offered);
    }

    @Override
    public void accept(ConsumerRecord<byte[], byte[]> record) {
      accepted.add(record);
    }

    @Override
    public void wakeup() {}

    @Override
    public void close() {}
  }
}
