package dev.millrace.cache;

import static dev.millrace.cache.LedgerDriver.ask;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.contracts.CacheMode;
import dev.millrace.contracts.Command;
import dev.millrace.contracts.Completion;
import dev.millrace.contracts.Control;
import dev.millrace.contracts.Decision;
import dev.millrace.contracts.DecisionKind;
import dev.millrace.contracts.DeclineReason;
import dev.millrace.contracts.HeaderNames;
import dev.millrace.contracts.Outcome;
import dev.millrace.contracts.Receipt;
import dev.millrace.contracts.RetryDelay;
import dev.millrace.contracts.Source;
import dev.millrace.contracts.Status;
import dev.millrace.contracts.Tier;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CacheTopologyTest {

  private final LedgerDriver ledger = new LedgerDriver();

  @AfterEach
  void close() {
    ledger.close();
  }

  @Test
  void a_new_request_is_dispatched_to_the_lane_of_its_tier() {
    ledger.send(ask("q").tier(Tier.PRO).get());

    var job = ledger.jobs(Tier.PRO).getFirst();
    assertThat(job.jobId().value())
        .isEqualTo("simulation:" + LedgerDriver.hash("q").prefix() + ":1");
    assertThat(job.attempt()).isEqualTo(1);
    assertThat(job.maxAttempts()).isEqualTo(4);
    assertThat(ledger.completions()).isEmpty();
  }

  @Test
  void the_answer_reaches_everybody_who_waits_and_whoever_asks_later() {
    ledger.send(ask("q").id("first").get());
    var job = ledger.jobs(Tier.FREE).getFirst();
    ledger.send(ask("q").id("second").get());
    ledger.start(job, "run-1");
    ledger.send(ask("q").id("third").get());
    ledger.succeed(job, "run-1", "42");
    ledger.send(ask("q").id("fourth").get());

    var completions = ledger.completions();
    assertThat(completions)
        .extracting(Completion::requestId)
        .containsExactly("first", "second", "third", "fourth");
    assertThat(completions)
        .extracting(Completion::source)
        .containsExactly(Source.COMPUTED, Source.JOINED, Source.JOINED, Source.CACHED);
    assertThat(completions)
        .allSatisfy(
            completion -> assertThat(completion.result().get("answer").asText()).isEqualTo("42"));
    assertThat(completions).extracting(Completion::savedMs).containsExactly(0L, 100L, 100L, 100L);
    assertThat(ledger.jobs(Tier.FREE)).isEmpty();
    assertThat(ledger.progress())
        .singleElement()
        .satisfies(progress -> assertThat(progress.status()).isEqualTo(Status.COMPLETED));
  }

  @Test
  void a_replay_is_silent_and_a_repeat_gets_its_completion_again() {
    var origin = ledger.send(ask("q").id("same").get());
    ledger.sendAs(ask("q").id("same").get(), origin);
    ledger.send(ask("q").id("same").get());
    var jobs = ledger.jobs(Tier.FREE);
    assertThat(jobs).hasSize(1);
    assertThat(ledger.completions()).isEmpty();

    var job = jobs.getFirst();
    ledger.start(job, "run");
    ledger.succeed(job, "run", "42");
    assertThat(ledger.completions()).hasSize(1);
    ledger.sendAs(ask("q").id("same").get(), origin);
    assertThat(ledger.completions()).isEmpty();

    ledger.send(ask("q").id("same").get());
    assertThat(ledger.completions())
        .singleElement()
        .satisfies(completion -> {
          assertThat(completion.repeat()).isTrue();
          assertThat(completion.jobId()).isEqualTo(job.jobId());
          assertThat(completion.result().get("answer").asText()).isEqualTo("42");
        });
  }

  @Test
  void a_result_that_cannot_be_read_is_computed_anew() {
    ledger.send(ask("q").get());
    finishOnly("q");
    ledger.damageResult(LedgerDriver.hash("q"));

    ledger.send(ask("q").get());
    finishOnly("q");
    ledger.send(ask("q").get());

    assertThat(ledger.completions())
        .extracting(Completion::source)
        .containsExactly(Source.COMPUTED, Source.COMPUTED, Source.CACHED);
    assertThat(ledger.meters().get("cache.layer.errors").tag("reason", "damaged").counter().count())
        .isOne();
    assertThat(ledger.decisions())
        .filteredOn(decision -> decision.decision() == DecisionKind.DISPATCHED)
        .extracting(Decision::reason)
        .containsExactly(null, "result missing");
  }

  @Test
  void an_answer_is_not_given_after_its_ttl_even_when_nobody_swept() {
    ledger.send(ask("q").get());
    finishOnly("q");
    ledger.passUnseen(Duration.ofHours(24));

    ledger.send(ask("q").get());

    assertThat(ledger.jobs(Tier.FREE)).hasSize(1);
  }

  @Test
  void the_sweep_takes_an_answer_out_and_says_so() {
    ledger.send(ask("q").get());
    finishOnly("q");
    ledger.decisions();

    ledger.pass(Duration.ofHours(24));

    assertThat(kinds()).contains(DecisionKind.EXPIRED);
  }

  @Test
  void a_request_may_want_a_younger_answer_than_the_ttl() {
    ledger.send(ask("q").get());
    finishOnly("q");
    ledger.pass(Duration.ofMinutes(10));

    ledger.send(ask("q").ttl(Duration.ofMinutes(11)).get());
    assertThat(ledger.jobs(Tier.FREE)).isEmpty();
    ledger.send(ask("q").ttl(Duration.ofMinutes(10)).get());
    assertThat(ledger.jobs(Tier.FREE)).hasSize(1);
  }

  @Test
  void refresh_computes_again_and_bypass_stores_nothing() {
    ledger.send(ask("q").get());
    finishOnly("q");

    ledger.send(ask("q").mode(CacheMode.REFRESH).get());
    assertThat(ledger.jobs(Tier.FREE)).hasSize(1);

    ledger.send(ask("other").mode(CacheMode.BYPASS).get());
    finishOnly("other");
    ledger.send(ask("other").get());
    assertThat(ledger.jobs(Tier.FREE)).hasSize(1);
  }

  @Test
  void only_fails_at_once_when_nothing_is_cached() {
    ledger.send(ask("q").mode(CacheMode.ONLY).get());

    var completion = ledger.completions().getFirst();
    assertThat(completion.status()).isEqualTo(Status.FAILED);
    assertThat(completion.error().code()).isEqualTo("NOT_CACHED");
    assertThat(ledger.jobs(Tier.FREE)).isEmpty();
  }

  @Test
  void a_joiner_of_a_better_tier_promotes_a_queued_job() {
    ledger.send(ask("q").get());
    var free = ledger.jobs(Tier.FREE).getFirst();
    ledger.send(ask("q").tier(Tier.ENTERPRISE).get());
    var promoted = ledger.jobs(Tier.ENTERPRISE).getFirst();

    assertThat(promoted.jobId()).isEqualTo(free.jobId());
    assertThat(promoted.epoch()).isGreaterThan(free.epoch());
    assertThat(kinds()).contains(DecisionKind.PROMOTED);

    ledger.start(promoted, "fast");
    ledger.start(free, "slow");
    assertThat(revoked()).containsExactly("slow");
    ledger.succeed(promoted, "fast", "42");
    assertThat(ledger.completions()).hasSize(2);
  }

  @Test
  void a_promotion_that_crosses_a_start_is_undone() {
    ledger.send(ask("q").get());
    var free = ledger.jobs(Tier.FREE).getFirst();
    ledger.send(ask("q").tier(Tier.ENTERPRISE).get());
    var promoted = ledger.jobs(Tier.ENTERPRISE).getFirst();

    ledger.start(free, "slow");
    ledger.start(promoted, "fast");

    assertThat(revoked()).containsExactly("fast");
    ledger.succeed(promoted, "fast", "no");
    assertThat(ledger.completions()).isEmpty();
    ledger.succeed(free, "slow", "42");
    assertThat(ledger.completions()).hasSize(2);
  }

  @Test
  void a_second_run_of_one_epoch_is_revoked_and_its_result_ignored() {
    ledger.send(ask("q").get());
    var job = ledger.jobs(Tier.FREE).getFirst();
    ledger.start(job, "one");
    ledger.start(job, "two");
    assertThat(revoked()).containsExactly("two");

    ledger.succeed(job, "two", "no");
    assertThat(ledger.completions()).isEmpty();
    ledger.succeed(job, "one", "42");
    assertThat(ledger.completions()).hasSize(1);
    assertThat(kinds()).contains(DecisionKind.STALE_OUTCOME);
  }

  @Test
  void a_failed_attempt_waits_and_runs_again_under_a_new_epoch() {
    ledger.send(ask("q").get());
    var first = ledger.jobs(Tier.FREE).getFirst();
    ledger.start(first, "one");
    ledger.fail(first, "one", true);

    var waiting = ledger.retries(RetryDelay.SECOND).getFirst();
    assertThat(waiting.notBefore()).isEqualTo(ledger.now().plusSeconds(1));
    ledger.pass(Duration.ofSeconds(1));
    ledger.due(waiting);
    var second = ledger.jobs(Tier.FREE).getFirst();

    assertThat(second.jobId()).isEqualTo(first.jobId());
    assertThat(second.attempt()).isEqualTo(2);
    assertThat(second.epoch()).isGreaterThan(first.epoch());
    ledger.start(second, "two");
    ledger.succeed(second, "two", "42");
    assertThat(ledger.completions())
        .singleElement()
        .satisfies(completion -> assertThat(completion.attempts()).isEqualTo(2));
  }

  @Test
  void a_retry_that_comes_back_early_walks_on() {
    ledger.send(ask("q").get());
    var job = ledger.jobs(Tier.FREE).getFirst();
    ledger.start(job, "one");
    ledger.say(
        new Outcome.Failed(
            job.jobId(),
            job.requestHash(),
            job.epoch(),
            "one",
            "w-1",
            5,
            new dev.millrace.contracts.Failure("BUSY", "later", true, 1),
            25_000L,
            ledger.now()));

    var waiting = ledger.retries(RetryDelay.TEN_SECONDS).getFirst();
    ledger.pass(Duration.ofSeconds(10));
    ledger.due(waiting);
    waiting = ledger.retries(RetryDelay.TEN_SECONDS).getFirst();
    ledger.pass(Duration.ofSeconds(10));
    ledger.due(waiting);
    assertThat(ledger.jobs(Tier.FREE)).isEmpty();
    for (int second = 0; second < 5; second++) {
      waiting = ledger.retries(RetryDelay.SECOND).getFirst();
      ledger.pass(Duration.ofSeconds(1));
      ledger.due(waiting);
    }
    assertThat(ledger.jobs(Tier.FREE)).hasSize(1);
  }

  @Test
  void a_lost_retry_record_loses_nothing() {
    ledger.send(ask("q").get());
    var job = ledger.jobs(Tier.FREE).getFirst();
    ledger.start(job, "one");
    ledger.fail(job, "one", true);

    ledger.pass(Duration.ofSeconds(32));

    assertThat(ledger.jobs(Tier.FREE)).hasSize(1);
  }

  @Test
  void a_job_out_of_attempts_is_buried_and_everybody_told() {
    ledger.send(ask("q").maxAttempts(2).get());
    ledger.send(ask("q").maxAttempts(1).get());
    runAndFail();
    ledger.pass(Duration.ofSeconds(1));
    ledger.due(ledger.retries(RetryDelay.SECOND).getFirst());
    runAndFail();

    assertThat(ledger.dead()).singleElement().satisfies(d -> assertThat(d.attempt()).isEqualTo(2));
    assertThat(ledger.completions())
        .hasSize(2)
        .allSatisfy(completion -> {
          assertThat(completion.status()).isEqualTo(Status.FAILED);
          assertThat(completion.attempts()).isEqualTo(2);
          assertThat(completion.error().code()).isEqualTo("HANDLER_FAILED");
        });
    ledger.send(ask("q").get());
    assertThat(ledger.jobs(Tier.FREE)).hasSize(1);
  }

  @Test
  void a_permanent_failure_is_remembered_for_a_short_while() {
    ledger.send(ask("q").negativeTtl(Duration.ofSeconds(60)).get());
    var job = ledger.jobs(Tier.FREE).getFirst();
    ledger.start(job, "one");
    ledger.fail(job, "one", false);
    ledger.completions();

    ledger.send(ask("q").get());
    assertThat(ledger.completions())
        .singleElement()
        .satisfies(completion -> assertThat(completion.status()).isEqualTo(Status.FAILED));
    ledger.pass(Duration.ofSeconds(60));
    ledger.send(ask("q").get());
    assertThat(ledger.jobs(Tier.FREE)).hasSize(1);
  }

  @Test
  void a_silent_run_loses_its_lease_after_two_checks() {
    ledger.send(ask("q").get());
    var job = ledger.jobs(Tier.FREE).getFirst();
    ledger.start(job, "one");

    ledger.pass(Duration.ofSeconds(4));
    assertThat(ledger.loopChecks()).isEqualTo(1);
    assertThat(ledger.jobs(Tier.FREE)).isEmpty();
    ledger.pass(Duration.ofSeconds(2));
    assertThat(ledger.loopChecks()).isEqualTo(1);

    var again = ledger.jobs(Tier.FREE).getFirst();
    assertThat(again.attempt()).isEqualTo(2);
    assertThat(revoked()).containsExactly("one");
    ledger.succeed(job, "one", "late but good");
    assertThat(ledger.completions()).hasSize(1);
    ledger.start(again, "two");
    assertThat(revoked()).containsExactly("two");
  }

  @Test
  void a_heartbeat_between_the_checks_keeps_the_lease() {
    ledger.send(ask("q").get());
    var job = ledger.jobs(Tier.FREE).getFirst();
    ledger.start(job, "one");
    for (int i = 0; i < 5; i++) {
      ledger.pass(Duration.ofSeconds(4));
      ledger.heartbeat(job, "one");
      ledger.loopChecks();
    }
    ledger.pass(Duration.ofSeconds(3));
    assertThat(ledger.loopChecks()).isZero();
    assertThat(ledger.jobs(Tier.FREE)).isEmpty();
  }

  @Test
  void three_lost_leases_in_a_row_bury_the_job() {
    ledger.send(ask("q").maxAttempts(10).get());
    for (int i = 1; i <= 3; i++) {
      ledger.start(ledger.jobs(Tier.FREE).getFirst(), "run-" + i);
      ledger.pass(Duration.ofSeconds(4));
      ledger.loopChecks();
      ledger.pass(Duration.ofSeconds(2));
      ledger.loopChecks();
    }

    assertThat(ledger.dead()).hasSize(1);
    assertThat(ledger.completions().getFirst().error().code()).isEqualTo("WORKER_LOST");
  }

  @Test
  void a_declined_dispatch_goes_out_again_without_counting() {
    ledger.send(ask("q").get());
    var job = ledger.jobs(Tier.FREE).getFirst();
    ledger.decline(job, null, DeclineReason.BUSY);

    var again = ledger.jobs(Tier.FREE).getFirst();
    assertThat(again.attempt()).isEqualTo(1);
    assertThat(again.epoch()).isGreaterThan(job.epoch());
  }

  @Test
  void an_unknown_type_waits_longer_each_time() {
    ledger.send(ask("q").get());
    for (var wait : List.of(10, 20, 40)) {
      var job = ledger.jobs(Tier.FREE).getFirst();
      assertThat(job.attempt()).isEqualTo(1);
      ledger.decline(job, null, DeclineReason.UNKNOWN_TYPE);
      ledger.pass(Duration.ofSeconds(wait - 1));
      assertThat(ledger.jobs(Tier.FREE)).isEmpty();
      ledger.pass(Duration.ofSeconds(32));
    }
  }

  @Test
  void a_job_whose_result_nobody_takes_waits_longer_each_time_and_one_alert_says_so() {
    ledger.send(ask("q").get());
    for (var wait : List.of(10, 20, 40)) {
      var job = ledger.jobs(Tier.FREE).getFirst();
      assertThat(job.attempt()).isEqualTo(1);
      ledger.start(job, "run-" + wait);
      ledger.decline(job, "run-" + wait, DeclineReason.NOT_KEPT);
      ledger.pass(Duration.ofSeconds(wait - 1));
      assertThat(ledger.jobs(Tier.FREE)).isEmpty();
      ledger.pass(Duration.ofSeconds(32));
    }

    assertThat(ledger.alerts())
        .singleElement()
        .satisfies(alert -> {
          assertThat(alert.alert()).isEqualTo("not-kept:simulation");
          assertThat(alert.message()).contains("w-1");
        });
    var job = ledger.jobs(Tier.FREE).getFirst();
    ledger.start(job, "last");
    ledger.succeed(job, "last", "42");
    assertThat(ledger.completions()).singleElement().matches(end -> end.attempts() == 1);
  }

  @Test
  void cancelling_one_waiter_leaves_the_others_their_job() {
    ledger.send(ask("q").id("a").get());
    ledger.send(ask("q").id("b").get());
    var job = ledger.jobs(Tier.FREE).getFirst();
    ledger.start(job, "one");
    ledger.command(new Command.Cancel(null, null, "org-1", "a"));

    assertThat(ledger.controls()).isEmpty();
    assertThat(ledger.receipts()).extracting(Receipt::found).containsExactly(1L);
    ledger.succeed(job, "one", "42");
    assertThat(ledger.completions())
        .extracting(Completion::requestId, Completion::status)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("a", Status.CANCELLED),
            org.assertj.core.groups.Tuple.tuple("b", Status.COMPLETED));
  }

  @Test
  void cancelling_the_last_waiter_voids_the_job() {
    ledger.send(ask("q").id("a").get());
    var job = ledger.jobs(Tier.FREE).getFirst();
    ledger.start(job, "one");
    ledger.command(new Command.Cancel(null, null, "org-1", "a"));

    assertThat(revoked()).containsExactly("one");
    ledger.succeed(job, "one", "42");
    assertThat(ledger.completions())
        .singleElement()
        .satisfies(completion -> assertThat(completion.status()).isEqualTo(Status.CANCELLED));
    ledger.send(ask("q").id("b").get());
    assertThat(ledger.jobs(Tier.FREE)).hasSize(1);
  }

  @Test
  void a_cancel_that_comes_first_is_remembered() {
    ledger.command(new Command.Cancel(null, null, "org-1", "a"));
    ledger.send(ask("q").id("a").get());

    assertThat(ledger.jobs(Tier.FREE)).isEmpty();
    assertThat(ledger.completions())
        .singleElement()
        .satisfies(completion -> assertThat(completion.status()).isEqualTo(Status.CANCELLED));
  }

  @Test
  void a_cancel_after_the_end_is_too_late() {
    ledger.send(ask("q").id("a").get());
    finishOnly("q");
    ledger.decisions();
    ledger.command(new Command.Cancel(null, null, "org-1", "a"));

    assertThat(kinds()).containsExactly(DecisionKind.TOO_LATE);
    assertThat(ledger.completions()).hasSize(1);
  }

  @Test
  void a_deadline_ends_its_waiter_alone() {
    ledger.send(ask("q").id("hasty").timeout(Duration.ofSeconds(5)).get());
    ledger.send(ask("q").id("patient").get());
    var job = ledger.jobs(Tier.FREE).getFirst();
    ledger.start(job, "one");
    ledger.pass(Duration.ofSeconds(5));

    assertThat(ledger.completions())
        .singleElement()
        .satisfies(completion -> {
          assertThat(completion.requestId()).isEqualTo("hasty");
          assertThat(completion.status()).isEqualTo(Status.EXPIRED);
        });
    ledger.succeed(job, "one", "42");
    assertThat(ledger.completions()).hasSize(1);
  }

  @Test
  void a_deadline_that_has_passed_computes_nothing() {
    ledger.send(ask("q").deadline(LedgerDriver.START.minusSeconds(1)).get());

    assertThat(ledger.completions().getFirst().status()).isEqualTo(Status.EXPIRED);
    assertThat(ledger.jobs(Tier.FREE)).isEmpty();
  }

  @Test
  void an_invalidated_answer_is_not_given() {
    ledger.send(ask("q").tags("campaign:1").get());
    finishOnly("q");
    ledger.command(new Command.Invalidate(null, null, "campaign:1", null, null, null, null));

    ledger.send(ask("q").get());

    assertThat(ledger.jobs(Tier.FREE)).hasSize(1);
  }

  @Test
  void waiters_that_asked_after_an_invalidation_get_a_newer_run() {
    ledger.send(ask("q").id("before").tags("campaign:1").get());
    var old = ledger.jobs(Tier.FREE).getFirst();
    ledger.start(old, "one");
    ledger.command(new Command.Invalidate(null, null, "campaign:1", null, null, null, null));
    ledger.send(ask("q").id("after").tags("campaign:1").get());
    ledger.succeed(old, "one", "old");

    assertThat(ledger.completions())
        .singleElement()
        .satisfies(completion -> assertThat(completion.requestId()).isEqualTo("before"));
    assertThat(kinds()).contains(DecisionKind.NOT_STORED);
    var next = ledger.jobs(Tier.FREE).getFirst();
    assertThat(next.jobId()).isNotEqualTo(old.jobId());
    ledger.start(next, "two");
    ledger.succeed(next, "two", "new");
    assertThat(ledger.completions())
        .singleElement()
        .satisfies(completion -> {
          assertThat(completion.requestId()).isEqualTo("after");
          assertThat(completion.result().get("answer").asText()).isEqualTo("new");
        });
  }

  @Test
  void an_effect_is_granted_to_its_run() {
    ledger.send(ask("q").effect().get());
    var job = ledger.jobs(Tier.FREE).getFirst();
    ledger.start(job, "one");

    assertThat(ledger.controls())
        .singleElement()
        .isInstanceOfSatisfying(
            Control.Grant.class,
            grant -> {
              assertThat(grant.runId()).isEqualTo("one");
              assertThat(grant.epoch()).isEqualTo(job.epoch());
            });
  }

  @Test
  void many_waiters_are_told_in_slices() {
    int many = 1_203;
    ledger.send(ask("q").get());
    for (int i = 1; i < many; i++) {
      ledger.send(ask("q").get());
    }
    var job = ledger.jobs(Tier.FREE).getFirst();
    ledger.start(job, "one");
    ledger.succeed(job, "one", "42");

    assertThat(ledger.completions()).hasSize(500);
    ledger.pass(Duration.ofMillis(20));
    assertThat(ledger.completions()).hasSize(500);
    ledger.pass(Duration.ofMillis(20));
    assertThat(ledger.completions()).hasSize(203);
    ledger.pass(Duration.ofMillis(100));
    assertThat(ledger.completions()).isEmpty();
  }

  @Test
  void a_cancel_while_the_slices_are_written_is_too_late() {
    for (int i = 0; i < 600; i++) {
      ledger.send(ask("q").id("many-" + i).get());
    }
    var job = ledger.jobs(Tier.FREE).getFirst();
    ledger.start(job, "one");
    ledger.succeed(job, "one", "42");
    ledger.command(new Command.Cancel(null, null, "org-1", "many-599"));
    ledger.pass(Duration.ofMillis(20));

    assertThat(ledger.completions())
        .hasSize(600)
        .allSatisfy(completion -> assertThat(completion.status()).isEqualTo(Status.COMPLETED));
    assertThat(kinds()).contains(DecisionKind.TOO_LATE);
  }

  @Test
  void the_oldest_queued_job_of_a_quiet_lane_is_hinted_again() {
    ledger.send(ask("q").get());
    ledger.send(ask("other").get());
    var job = ledger.jobs(Tier.FREE).getFirst();

    ledger.pass(Duration.ofSeconds(31));

    var hints = ledger.jobs(Tier.FREE);
    assertThat(hints).singleElement().satisfies(h -> assertThat(h.epoch()).isEqualTo(job.epoch()));
  }

  @Test
  void nothing_is_hinted_again_in_a_paused_lane() {
    ledger.pause(Tier.FREE);
    ledger.send(ask("q").get());
    ledger.jobs(Tier.FREE);

    ledger.pass(Duration.ofSeconds(31));

    assertThat(ledger.jobs(Tier.FREE)).isEmpty();
  }

  @Test
  void a_known_command_gets_its_receipt_again() {
    var cancel =
        new Command.Cancel(
            "cmd-x", new dev.millrace.contracts.Origin("c", 0, 1), "org-1", "nobody");
    var bytes = ledger.topics().admittedCommands().serde().write(cancel);
    ledger.raw(ledger.topics().admittedCommands().name(), bytes);
    ledger.raw(ledger.topics().admittedCommands().name(), bytes);

    var receipts = ledger.receipts();
    assertThat(receipts).hasSize(2);
    assertThat(receipts.get(1)).isEqualTo(receipts.get(0));
  }

  @Test
  void what_cannot_be_read_is_put_aside_and_stops_nothing() {
    for (var topic :
        List.of(
            ledger.topics().outcomes().name(),
            ledger.topics().admittedCommands().name(),
            ledger.topics().admitted(Tier.PRO).name())) {
      ledger.raw(topic, "not json".getBytes(StandardCharsets.UTF_8));
      ledger.raw(topic, "{\"outcome\":\"unheard-of\"}".getBytes(StandardCharsets.UTF_8));
      ledger.raw(topic, "null".getBytes(StandardCharsets.UTF_8));
      ledger.raw(topic, null);
    }

    assertThat(ledger.rejected())
        .hasSize(12)
        .allSatisfy(record ->
            assertThat(HeaderNames.text(record.headers(), HeaderNames.ERROR_CODE))
                .isEqualTo("E_RECORD"));
    ledger.send(ask("q").get());
    assertThat(ledger.jobs(Tier.FREE)).hasSize(1);
  }

  @Test
  void a_command_nobody_can_carry_out_stops_nothing() {
    var serde = ledger.topics().admittedCommands().serde();
    var place = new dev.millrace.contracts.Origin("c", 0, 1);
    ledger.raw(
        ledger.topics().admittedCommands().name(),
        serde.write(new Command.Invalidate("nothing-named", place, null, null, null, null, null)));
    ledger.raw(
        ledger.topics().admittedCommands().name(),
        serde.write(new Command.Cancel(null, place, "org-1", "no command id")));

    assertThat(ledger.receipts())
        .singleElement()
        .satisfies(receipt -> assertThat(receipt.ok()).isFalse());
    assertThat(ledger.rejected()).hasSize(1);
    ledger.send(ask("q").get());
    assertThat(ledger.jobs(Tier.FREE)).hasSize(1);
  }

  @Test
  void a_refresh_that_fails_for_good_leaves_the_answer_where_it_is() {
    ledger.send(ask("q").get());
    finishOnly("q");
    ledger.send(ask("q").mode(CacheMode.REFRESH).negativeTtl(Duration.ofSeconds(60)).get());
    var job = ledger.jobs(Tier.FREE).getFirst();
    ledger.start(job, "again");
    ledger.fail(job, "again", false);
    ledger.completions();

    ledger.send(ask("q").get());

    assertThat(ledger.completions())
        .singleElement()
        .satisfies(completion -> assertThat(completion.source()).isEqualTo(Source.CACHED));
  }

  @Test
  void decisions_are_numbered_without_gaps() {
    ledger.send(ask("q").get());
    finishOnly("q");
    ledger.send(ask("q").get());
    ledger.command(new Command.Invalidate(null, null, "campaign:1", null, null, null, null));
    ledger.send(ask("other").get());

    var decisions = ledger.decisions();
    for (int i = 0; i < decisions.size(); i++) {
      assertThat(decisions.get(i).sequence()).isEqualTo(i + 1);
      assertThat(decisions.get(i).cause()).matches(".+-\\d+-\\d+");
    }
  }

  @Test
  void a_fresh_store_notes_its_incarnation() {
    ledger.send(ask("q").get());

    assertThat(ledger.settings())
        .singleElement()
        .satisfies(setting -> {
          assertThat(setting.setting()).isEqualTo("incarnation.0");
          assertThat(setting.count()).isZero();
        });
  }

  @Test
  void a_copy_of_an_earlier_attempt_starts_nothing() {
    ledger.send(ask("q").effect().get());
    var free = ledger.jobs(Tier.FREE).getFirst();
    ledger.send(ask("q").effect().tier(Tier.PRO).get());
    var pro = ledger.jobs(Tier.PRO).getFirst();
    ledger.start(pro, "one");
    ledger.fail(pro, "one", true);
    ledger.pass(Duration.ofSeconds(1));
    ledger.due(ledger.retries(RetryDelay.SECOND).getFirst());
    var second = ledger.jobs(Tier.PRO).getFirst();

    ledger.start(free, "late");
    assertThat(revoked()).containsExactly("late");
    ledger.start(second, "two");
    ledger.succeed(second, "two", "42");
    assertThat(ledger.completions()).extracting(Completion::attempts).containsOnly(2);
  }

  @Test
  void a_run_that_failed_has_nothing_to_give_back() {
    ledger.send(ask("q").get());
    var job = ledger.jobs(Tier.FREE).getFirst();
    ledger.start(job, "one");
    ledger.fail(job, "one", true);

    ledger.decline(job, "one", DeclineReason.DRAIN);

    assertThat(ledger.jobs(Tier.FREE)).isEmpty();
    assertThat(kinds()).contains(DecisionKind.STALE_OUTCOME);
    ledger.pass(Duration.ofSeconds(1));
    ledger.due(ledger.retries(RetryDelay.SECOND).getFirst());
    assertThat(ledger.jobs(Tier.FREE).getFirst().attempt()).isEqualTo(2);
  }

  @Test
  void a_repeat_of_a_cancelled_request_has_no_result() {
    ledger.send(ask("q").id("a").get());
    ledger.send(ask("q").id("b").get());
    ledger.command(new Command.Cancel(null, null, "org-1", "a"));
    finishOnly("q");
    ledger.completions();

    ledger.send(ask("q").id("a").get());

    assertThat(ledger.completions())
        .singleElement()
        .satisfies(completion -> {
          assertThat(completion.status()).isEqualTo(Status.CANCELLED);
          assertThat(completion.repeat()).isTrue();
          assertThat(completion.result().isNull()).isTrue();
        });
  }

  @Test
  void a_run_succeeds_once_and_a_repeat_never_carries_a_later_answer_of_its_job() {
    ledger.send(ask("q").id("before").tags("campaign:1").get());
    var old = ledger.jobs(Tier.FREE).getFirst();
    ledger.start(old, "one");
    ledger.command(new Command.Invalidate(null, null, "campaign:1", null, null, null, null));
    ledger.send(ask("q").id("after").tags("campaign:1").get());
    ledger.pass(Duration.ofSeconds(4));
    ledger.loopChecks();
    ledger.pass(Duration.ofSeconds(2));
    ledger.loopChecks();
    var again = ledger.jobs(Tier.FREE).getFirst();
    ledger.succeed(old, "one", "old");
    ledger.decisions();
    ledger.succeed(old, "one", "old");
    assertThat(kinds()).containsExactly(DecisionKind.STALE_OUTCOME);
    ledger.start(again, "two");
    ledger.succeed(again, "two", "new");
    ledger.completions();

    ledger.send(ask("q").id("before").tags("campaign:1").get());

    assertThat(ledger.completions())
        .singleElement()
        .satisfies(completion -> assertThat(completion.result().isNull()).isTrue());
  }

  @Test
  void whoever_names_no_age_accepts_what_the_type_accepts() {
    ledger.send(ask("q").ttl(Duration.ofDays(7)).get());
    finishOnly("q");
    ledger.pass(Duration.ofHours(24));

    ledger.send(ask("q").ttl(Duration.ofDays(2)).get());
    assertThat(ledger.jobs(Tier.FREE)).isEmpty();
    ledger.send(ask("q").get());
    assertThat(ledger.jobs(Tier.FREE)).hasSize(1);
  }

  @Test
  void a_request_that_waits_is_recognised_for_as_long_as_it_waits() {
    ledger.send(ask("q").id("patient").get());
    var job = ledger.jobs(Tier.FREE).getFirst();
    ledger.pass(Duration.ofDays(9));
    ledger.decisions();

    ledger.send(ask("q").id("patient").get());

    assertThat(kinds()).containsExactly(DecisionKind.REPEATED);
    ledger.start(job, "one");
    ledger.succeed(job, "one", "42");
    assertThat(ledger.completions()).hasSize(1);
  }

  @Test
  void a_repeat_leaves_the_time_a_request_is_recognised_alone() {
    ledger.send(ask("q").id("same").get());
    finishOnly("q");
    ledger.pass(Duration.ofDays(7));
    ledger.send(ask("q").id("same").get());
    ledger.pass(Duration.ofDays(2));
    ledger.send(ask("q").id("same").get());
    finishOnly("q");
    ledger.pass(Duration.ofDays(7));
    ledger.decisions();

    ledger.send(ask("q").id("same").get());

    assertThat(kinds()).containsExactly(DecisionKind.REPEATED);
  }

  private void finishOnly(String question) {
    var job = ledger.jobs(Tier.FREE).getFirst();
    assertThat(job.requestHash()).isEqualTo(LedgerDriver.hash(question));
    ledger.start(job, "run");
    ledger.succeed(job, "run", "42");
  }

  private void runAndFail() {
    var job = ledger.jobs(Tier.FREE).getFirst();
    ledger.start(job, "run-" + job.attempt());
    ledger.fail(job, "run-" + job.attempt(), true);
  }

  private List<DecisionKind> kinds() {
    return ledger.decisions().stream().map(Decision::decision).toList();
  }

  private List<String> revoked() {
    return ledger.controls().stream()
        .filter(Control.Revoke.class::isInstance)
        .map(control -> ((Control.Revoke) control).runId())
        .toList();
  }
}
