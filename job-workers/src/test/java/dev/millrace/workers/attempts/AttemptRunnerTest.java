package dev.millrace.workers.attempts;

import static dev.millrace.workers.Jobs.aJob;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.millrace.contracts.Control;
import dev.millrace.contracts.DeclineReason;
import dev.millrace.contracts.Job;
import dev.millrace.contracts.Outcome;
import dev.millrace.contracts.Progress;
import dev.millrace.runtime.FileBlobStore;
import dev.millrace.workers.HandMovedTime;
import dev.millrace.workers.RecordingReports;
import dev.millrace.workers.ScriptedHandler;
import dev.millrace.workers.handlers.Handlers;
import dev.millrace.workers.handlers.JobFailure;
import dev.millrace.workers.handlers.JobResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AttemptRunnerTest {

  private static final AttemptLimits LIMITS =
      new AttemptLimits(
          Duration.ofMillis(1_500),
          Duration.ofSeconds(4),
          Duration.ofMillis(200),
          Duration.ofSeconds(3),
          1_000_000,
          Path.of(System.getProperty("java.io.tmpdir"), "millrace-test-runs"));

  private static final JobResult LARGE =
      JobResult.of(JsonNodeFactory.instance.textNode("x".repeat(70 * 1024)));

  @TempDir Path folder;

  private final HandMovedTime time = new HandMovedTime();
  private final RecordingReports reports = new RecordingReports();
  private final ScriptedHandler handler = new ScriptedHandler();
  private final AtomicInteger freed = new AtomicInteger();
  private final AtomicInteger abandoned = new AtomicInteger();
  private FailingBlobs blobs;
  private AttemptRunner runner;

  @BeforeEach
  void open() {
    blobs = new FailingBlobs(new FileBlobStore(folder, time));
    runner =
        new AttemptRunner(
            "w-1",
            LIMITS,
            new Handlers(List.of(handler)),
            reports,
            blobs,
            new RunListener() {
              @Override
              public void abandoned(Job job) {
                abandoned.incrementAndGet();
              }
            },
            time.resources());
  }

  @AfterEach
  void close() {
    runner.drain();
    runner.close();
  }

  @Test
  void a_job_is_started_then_answered_and_its_slot_is_free_again() {
    assertThat(start(aJob().build())).isTrue();
    awaitEnd();

    assertThat(kinds()).containsExactly("Started", "Progress", "Succeeded");
    var started = reports.all(Outcome.Started.class).getFirst();
    var succeeded = reports.all(Outcome.Succeeded.class).getFirst();
    assertThat(succeeded.runId()).isEqualTo(started.runId());
    assertThat(succeeded.epoch()).isEqualTo(131);
    assertThat(succeeded.result()).isEqualTo(ScriptedHandler.DONE.result());
    assertThat(freed).hasValue(1);
  }

  @Test
  void a_job_whose_started_fails_is_not_run_but_given_back() {
    reports.fail(Outcome.Started.class::isInstance);

    assertThat(start(aJob().build())).isTrue();

    assertThat(handler.begun()).isZero();
    assertThat(reports.all(Outcome.Declined.class))
        .singleElement()
        .satisfies(declined -> {
          assertThat(declined.reason()).isEqualTo(DeclineReason.BUSY);
          assertThat(declined.runId()).isNotNull();
        });
    assertThat(freed).hasValue(1);
  }

  @Test
  void a_job_whose_started_is_never_acknowledged_is_not_run() throws Exception {
    reports.leaveUnanswered(Outcome.Started.class::isInstance);
    var known = new AtomicReference<Boolean>();
    var lane = Thread.ofPlatform().start(() -> known.set(start(aJob().build())));
    await().until(() -> !reports.all(Outcome.Started.class).isEmpty());

    runner.close();
    lane.join();

    assertThat(known.get()).isFalse();
    assertThat(handler.begun()).isZero();
    assertThat(freed).hasValue(1);
  }

  @Test
  void a_heartbeat_goes_out_every_one_and_a_half_seconds() {
    handler.untilStopped();
    start(aJob().build());

    assertThat(runner.beat()).isZero();
    time.pass(Duration.ofMillis(1_499));
    assertThat(runner.beat()).isZero();
    time.pass(Duration.ofMillis(1));
    assertThat(runner.beat()).isEqualTo(1);
    assertThat(runner.beat()).isZero();
    time.pass(Duration.ofMillis(1_500));
    assertThat(runner.beat()).isEqualTo(1);

    assertThat(reports.all(Outcome.Heartbeat.class)).allMatch(beat -> !beat.waiting());
  }

  @Test
  void a_run_over_its_limit_is_stopped_and_fails_to_be_tried_again() {
    handler.untilStopped();
    start(aJob().runLimitMs(5_000).build());
    awaitBegun();
    time.pass(Duration.ofMillis(4_999));
    assertThat(runner.watch()).isZero();

    time.pass(Duration.ofMillis(1));
    runner.watch();
    awaitEnd();

    var error = onlyFailure();
    assertThat(error.error().code()).isEqualTo("TIMED_OUT");
    assertThat(error.error().retryable()).isTrue();
    assertThat(error.runMs()).isEqualTo(5_000);
  }

  @Test
  void a_result_that_comes_after_the_run_limit_does_not_undo_the_attempt() {
    handler.script(context -> {
      while (!context.cancelled()) {
        Thread.onSpinWait();
      }
      return ScriptedHandler.DONE;
    });
    start(aJob().runLimitMs(5_000).build());
    awaitBegun();

    time.pass(Duration.ofSeconds(5));
    runner.watch();
    awaitEnd();

    assertThat(onlyFailure().error().code()).isEqualTo("TIMED_OUT");
    assertThat(reports.all(Outcome.Declined.class)).isEmpty();
  }

  @Test
  void a_revoke_stops_the_run_it_names() {
    handler.untilStopped();
    var job = aJob().build();
    start(job);
    awaitBegun();

    runner.control(revoke(job, job.epoch() + 1, null));
    runner.control(revoke(job, job.epoch(), "another-run"));
    runner.control(revoke(aJob().number(2).build(), job.epoch(), null));
    assertThat(runner.running()).isEqualTo(1);
    runner.control(revoke(job, job.epoch(), runId()));
    awaitEnd();

    assertThat(reports.outcomes()).last().isInstanceOf(Outcome.Cancelled.class);
  }

  @Test
  void a_revoke_without_a_run_stops_whichever_run_of_the_epoch() {
    handler.untilStopped();
    var job = aJob().build();
    start(job);

    runner.control(revoke(job, job.epoch(), null));
    awaitEnd();

    assertThat(reports.outcomes()).last().isInstanceOf(Outcome.Cancelled.class);
  }

  @Test
  void what_a_stopped_handler_returns_does_not_count() {
    handler.script(context -> {
      while (!context.cancelled()) {
        Thread.onSpinWait();
      }
      return ScriptedHandler.DONE;
    });
    var job = aJob().build();
    start(job);
    awaitBegun();

    runner.control(revoke(job, job.epoch(), null));
    awaitEnd();

    assertThat(reports.all(Outcome.Succeeded.class)).isEmpty();
    assertThat(reports.all(Outcome.Cancelled.class)).hasSize(1);
  }

  @Test
  void an_effect_waits_for_the_grant_of_its_own_run() {
    var job = aJob().effect().build();
    start(job);
    time.pass(Duration.ofMillis(1_500));
    runner.beat();
    assertThat(reports.all(Outcome.Heartbeat.class)).last().matches(Outcome.Heartbeat::waiting);

    runner.control(new Control.Grant(job.jobId(), job.epoch(), "another-run", time.instant()));
    runner.control(new Control.Grant(job.jobId(), job.epoch() - 1, runId(), time.instant()));
    assertThat(handler.begun()).isZero();
    runner.control(new Control.Grant(job.jobId(), job.epoch(), runId(), time.instant()));
    awaitEnd();

    assertThat(handler.begun()).isEqualTo(1);
    assertThat(reports.all(Outcome.Succeeded.class)).hasSize(1);
  }

  @Test
  void a_grant_after_a_silence_is_out_of_date() {
    var job = aJob().effect().build();
    start(job);
    time.pass(Duration.ofSeconds(10));

    runner.control(new Control.Grant(job.jobId(), job.epoch(), runId(), time.instant()));
    assertThat(runner.details().getFirst()).containsEntry("waiting", true);

    runner.beat();
    runner.control(new Control.Grant(job.jobId(), job.epoch(), runId(), time.instant()));
    awaitEnd();
    assertThat(reports.all(Outcome.Succeeded.class)).hasSize(1);
  }

  @Test
  void an_effect_that_is_out_of_touch_stops_itself() {
    handler.untilStopped();
    var job = aJob().effect().build();
    start(job);
    runner.control(new Control.Grant(job.jobId(), job.epoch(), runId(), time.instant()));
    awaitBegun();
    time.pass(Duration.ofMillis(1_500));
    runner.beat();
    reports.leaveUnanswered(Outcome.Heartbeat.class::isInstance);

    time.pass(Duration.ofMillis(3_999));
    runner.beat();
    assertThat(runner.watch()).isZero();
    time.pass(Duration.ofMillis(1));
    assertThat(runner.watch()).isEqualTo(1);
    awaitEnd();

    assertThat(onlyFailure().error().code()).isEqualTo("WORKER_LOST");
  }

  @Test
  void a_pure_run_that_is_out_of_touch_goes_on() {
    handler.untilStopped();
    start(aJob().build());
    reports.leaveUnanswered(Outcome.Heartbeat.class::isInstance);

    time.pass(Duration.ofSeconds(30));
    runner.beat();

    assertThat(runner.watch()).isZero();
    assertThat(runner.running()).isEqualTo(1);
  }

  @Test
  void a_handler_that_does_not_stop_is_abandoned_and_its_slot_is_free() throws Exception {
    var finish = new CountDownLatch(1);
    handler.script(_ -> {
      while (finish.getCount() > 0) {
        Thread.onSpinWait();
      }
      return ScriptedHandler.DONE;
    });
    start(aJob().runLimitMs(1_000).build());
    awaitBegun();
    time.pass(Duration.ofSeconds(1));
    runner.watch();
    time.pass(Duration.ofMillis(2_999));
    assertThat(runner.watch()).isZero();
    assertThat(freed).hasValue(0);

    time.pass(Duration.ofMillis(1));
    assertThat(runner.watch()).isEqualTo(1);
    awaitEnd();

    assertThat(onlyFailure().error().code()).isEqualTo("TIMED_OUT");
    assertThat(abandoned).hasValue(1);
    assertThat(freed).hasValue(1);
    finish.countDown();
    assertThat(reports.all(Outcome.Succeeded.class)).isEmpty();
  }

  @Test
  void a_typed_failure_is_reported_as_the_handler_says() {
    handler.script(_ -> {
      throw JobFailure.retryable("RATE_LIMITED", "ask later", Duration.ofSeconds(7));
    });
    start(aJob().build());
    awaitEnd();

    var failed = onlyFailure();
    assertThat(failed.error().code()).isEqualTo("RATE_LIMITED");
    assertThat(failed.error().retryable()).isTrue();
    assertThat(failed.retryAfterMs()).isEqualTo(7_000);
  }

  @Test
  void whatever_else_a_handler_throws_fails_its_run_alone() {
    for (Throwable thrown :
        List.of(
            new IllegalStateException("oh \ud83d"),
            new StackOverflowError(),
            new OutOfMemoryError("pretended"),
            new InterruptedException())) {
      handler.script(_ -> sneakily(thrown));
      start(aJob().build());
      awaitEnd();
    }

    assertThat(reports.all(Outcome.Failed.class))
        .hasSize(4)
        .allMatch(failed -> failed.error().code().equals("HANDLER_FAILED"))
        .allMatch(failed -> failed.error().retryable());
    assertThat(freed).hasValue(4);
  }

  @Test
  void a_result_that_is_not_json_fails_for_good() {
    handler.script(_ -> JobResult.of(JsonNodeFactory.instance.objectNode().put("roi", Double.NaN)));
    start(aJob().build());
    awaitEnd();

    assertThat(onlyFailure().error().code()).isEqualTo("INVALID_RESULT");
    assertThat(onlyFailure().error().retryable()).isFalse();
  }

  @Test
  void a_large_result_goes_to_the_blob_store() {
    handler.script(_ -> LARGE);
    start(aJob().build());
    awaitEnd();

    var succeeded = reports.all(Outcome.Succeeded.class).getFirst();
    assertThat(succeeded.result()).isNull();
    assertThat(succeeded.resultBytes()).isEqualTo(70 * 1024 + 2);
    assertThat(succeeded.resultRef()).isEqualTo("2026-11-20/" + succeeded.resultSha256());
    assertThat(Files.exists(folder.resolve(succeeded.resultRef()))).isTrue();
  }

  @Test
  void a_large_result_waits_for_a_blob_store_that_is_away_while_heartbeats_go_out() {
    blobs.fail(Integer.MAX_VALUE);
    handler.script(_ -> LARGE);
    start(aJob().build());
    await().until(() -> blobs.failed() > 0);
    time.pass(Duration.ofMillis(1_500));
    runner.beat();
    blobs.fail(0);
    awaitEnd();

    assertThat(kinds()).containsSubsequence("Started", "Heartbeat", "Succeeded");
    assertThat(handler.begun()).isOne();
    assertThat(reports.all(Outcome.Failed.class)).isEmpty();
  }

  @Test
  void a_result_that_is_not_taken_for_a_run_limit_is_given_back_and_its_attempt_does_not_count() {
    blobs.fail(Integer.MAX_VALUE);
    handler.script(_ -> {
      time.pass(Duration.ofSeconds(50));
      return LARGE;
    });
    start(aJob().build());
    await().until(() -> blobs.failed() > 0);

    time.pass(Duration.ofSeconds(59));
    assertThat(runner.watch()).as("the limit of the handler is not that of the store").isZero();
    time.pass(Duration.ofSeconds(1));
    assertThat(runner.watch()).isOne();
    awaitEnd();

    assertThat(reports.all(Outcome.Failed.class)).isEmpty();
    assertThat(reports.all(Outcome.Declined.class))
        .singleElement()
        .satisfies(declined -> {
          assertThat(declined.reason()).isEqualTo(DeclineReason.NOT_KEPT);
          assertThat(declined.runId()).isEqualTo(runId());
        });
    assertThat(freed).hasValue(1);
  }

  @Test
  void an_effect_whose_result_is_not_taken_has_had_its_attempt() {
    blobs.fail(Integer.MAX_VALUE);
    handler.script(_ -> LARGE);
    var job = aJob().effect().build();
    start(job);
    runner.control(new Control.Grant(job.jobId(), job.epoch(), runId(), time.instant()));
    await().until(() -> blobs.failed() > 0);

    time.pass(Duration.ofSeconds(3));
    runner.beat();
    time.pass(Duration.ofSeconds(57));
    runner.watch();
    awaitEnd();

    assertThat(onlyFailure().error().retryable()).isTrue();
  }

  @Test
  void a_run_that_waits_for_the_blob_store_stops_at_once_when_it_is_revoked() {
    blobs.fail(Integer.MAX_VALUE);
    handler.script(_ -> LARGE);
    var job = aJob().build();
    start(job);
    await().until(() -> blobs.failed() > 0);

    runner.control(revoke(job, job.epoch(), runId()));
    awaitEnd();

    assertThat(reports.outcomes()).last().isInstanceOf(Outcome.Cancelled.class);
  }

  @Test
  void the_last_progress_is_sent_before_the_outcome() {
    handler.script(context -> {
      context.progress().items(10, 100, "first");
      context.progress().items(60, 100, "last");
      return ScriptedHandler.DONE;
    });
    start(aJob().build());
    awaitEnd();

    assertThat(kinds()).containsExactly("Started", "Progress", "Progress", "Succeeded");
    var last = reports.all(Progress.class).getLast();
    assertThat(last.progress()).isEqualTo(60);
    assertThat(last.message()).isEqualTo("last");
    assertThat(last.sequence()).isEqualTo(2);
  }

  @Test
  void a_drained_run_is_given_back_and_its_attempt_does_not_count() {
    handler.untilStopped();
    start(aJob().build());
    awaitBegun();

    runner.drain();
    awaitEnd();

    assertThat(reports.outcomes())
        .last()
        .isInstanceOfSatisfying(
            Outcome.Declined.class,
            declined -> {
              assertThat(declined.reason()).isEqualTo(DeclineReason.DRAIN);
              assertThat(declined.runId()).isEqualTo(runId());
            });
  }

  @Test
  void the_youngest_run_on_loan_yields_and_its_slot_is_free_before_its_outcome_is_sent() {
    handler.untilStopped();
    reports.leaveUnanswered(Outcome.Declined.class::isInstance);
    borrow(aJob().number(1).build());
    time.pass(Duration.ofSeconds(1));
    borrow(aJob().number(2).build());
    start(aJob().number(3).build());
    var youngest = reports.all(Outcome.Started.class).get(1);

    assertThat(runner.makeRoom(1)).isEqualTo(1);
    await().until(() -> freed.get() == 1);
    await().until(() -> !reports.all(Outcome.Declined.class).isEmpty());

    var declined = reports.all(Outcome.Declined.class).getFirst();
    assertThat(declined.reason()).isEqualTo(DeclineReason.YIELD);
    assertThat(declined.runId()).isEqualTo(youngest.runId());
    assertThat(runner.makeRoom(1)).as("another is wanted").isEqualTo(1);
    assertThat(runner.makeRoom(5)).as("only what is lent").isZero();
  }

  @Test
  void a_run_that_is_about_to_leave_makes_room_enough() {
    handler.untilStopped();
    borrow(aJob().number(1).build());
    borrow(aJob().number(2).build());
    handler.script(_ -> ScriptedHandler.DONE);
    reports.leaveUnanswered(Outcome.Succeeded.class::isInstance);
    borrow(aJob().number(3).build());
    await().until(() -> !reports.all(Outcome.Succeeded.class).isEmpty());

    assertThat(runner.makeRoom(1)).isZero();
    assertThat(runner.makeRoom(0)).isZero();
  }

  @Test
  void a_handler_that_does_not_yield_is_abandoned() {
    var finish = new CountDownLatch(1);
    handler.script(_ -> {
      while (finish.getCount() > 0) {
        Thread.onSpinWait();
      }
      return ScriptedHandler.DONE;
    });
    borrow(aJob().build());
    awaitBegun();

    runner.makeRoom(1);
    time.pass(Duration.ofSeconds(3));
    assertThat(runner.watch()).isEqualTo(1);
    awaitEnd();

    assertThat(reports.all(Outcome.Declined.class))
        .singleElement()
        .matches(declined -> declined.reason() == DeclineReason.YIELD);
    assertThat(freed).hasValue(1);
    finish.countDown();
  }

  @Test
  void an_outcome_that_fails_is_sent_until_the_broker_has_it() {
    var refusals = new AtomicInteger(2);
    reports.fail(record -> record instanceof Outcome.Succeeded && refusals.getAndDecrement() > 0);
    start(aJob().build());
    awaitEnd();

    assertThat(reports.all(Outcome.Succeeded.class)).hasSize(3);
    assertThat(freed).hasValue(1);
  }

  @Test
  void the_scratch_folder_is_gone_after_the_run() {
    var scratch = new AtomicReference<Path>();
    handler.script(context -> {
      scratch.set(context.scratch());
      Files.writeString(scratch.get().resolve("file"), "text");
      assertThat(context.idempotencyKey()).isEqualTo(context.jobId());
      return ScriptedHandler.DONE;
    });
    start(aJob().build());
    awaitEnd();

    await().until(() -> !Files.exists(scratch.get()));
    assertThat(reports.all(Outcome.Succeeded.class)).hasSize(1);
  }

  private boolean start(Job job) {
    return runner.start(job, new Slot(false, freed::incrementAndGet));
  }

  private void borrow(Job job) {
    assertThat(runner.start(job, new Slot(true, freed::incrementAndGet))).isTrue();
  }

  private String runId() {
    return reports.all(Outcome.Started.class).getLast().runId();
  }

  private Outcome.Failed onlyFailure() {
    assertThat(reports.all(Outcome.Failed.class)).hasSize(1);
    return reports.all(Outcome.Failed.class).getFirst();
  }

  private List<String> kinds() {
    return reports.all().stream().map(record -> record.getClass().getSimpleName()).toList();
  }

  private void awaitBegun() {
    await().until(() -> handler.begun() > 0);
  }

  private void awaitEnd() {
    await().until(() -> runner.running() == 0);
  }

  private Control.Revoke revoke(
      Job job, long epoch, @org.jspecify.annotations.Nullable String run) {
    return new Control.Revoke(job.jobId(), epoch, run, "test", time.instant());
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // throws what a handler could
  private static <T extends Throwable> JobResult sneakily(Throwable thrown) throws T {
    throw (T) thrown;
  }
}
