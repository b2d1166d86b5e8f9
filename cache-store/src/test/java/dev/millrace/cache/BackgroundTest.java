package dev.millrace.cache;

import static dev.millrace.cache.LedgerDriver.ask;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.contracts.CacheMode;
import dev.millrace.contracts.Command;
import dev.millrace.contracts.Completion;
import dev.millrace.contracts.Decision;
import dev.millrace.contracts.DecisionKind;
import dev.millrace.contracts.DeclineReason;
import dev.millrace.contracts.Job;
import dev.millrace.contracts.Outcome;
import dev.millrace.contracts.Receipt;
import dev.millrace.contracts.RetryDelay;
import dev.millrace.contracts.Source;
import dev.millrace.contracts.Status;
import dev.millrace.contracts.Tier;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What the ledger does when nobody waits for an answer.
class BackgroundTest {

  private final LedgerDriver ledger = new LedgerDriver();

  @AfterEach
  void close() {
    ledger.close();
  }

  @Test
  void a_warm_up_is_computed_in_the_background_and_nobody_is_told() {
    ledger.command(ask("q").tier(Tier.PRO).warmUp());
    var job = ledger.background().getFirst();
    assertThat(job.background()).isTrue();
    assertThat(job.tier()).isEqualTo(Tier.PRO);
    assertThat(ledger.jobs(Tier.PRO)).isEmpty();
    assertThat(reasons(DecisionKind.DISPATCHED)).containsExactly("warm-up");

    ledger.start(job, "run");
    ledger.succeed(job, "run", "42");
    assertThat(ledger.completions()).isEmpty();
    assertThat(ledger.progress()).hasSize(1);

    ledger.send(ask("q").get());
    assertThat(ledger.completions())
        .singleElement()
        .satisfies(completion -> {
          assertThat(completion.source()).isEqualTo(Source.CACHED);
          assertThat(completion.jobId()).isEqualTo(job.jobId());
          assertThat(completion.savedMs()).isEqualTo(100);
        });
  }

  @Test
  void a_warm_up_of_what_is_known_or_under_way_starts_nothing() {
    ledger.send(ask("flying").get());
    ledger.command(ask("flying").warmUp());
    ledger.send(ask("known").get());
    finish(ledger.jobs(Tier.FREE).getLast());
    ledger.decisions();
    ledger.command(ask("known").warmUp());

    var decisions = ledger.decisions();
    assertThat(decisions)
        .singleElement()
        .satisfies(decision -> {
          assertThat(decision.decision()).isEqualTo(DecisionKind.HIT);
          assertThat(decision.reason()).isEqualTo("warm");
          assertThat(decision.requestId()).isNull();
        });
    assertThat(ledger.background()).isEmpty();
  }

  @Test
  void a_receipt_says_what_became_of_each_request() {
    ledger.send(ask("known").get());
    finish(ledger.jobs(Tier.FREE).getLast());
    ledger.send(ask("flying").get());

    ledger.command(
        all(
            ask("new").warmUp(),
            ask("known").warmUp(),
            ask("flying").warmUp(),
            ask("given").warmUp("42"),
            ask("known").warmUp("42"),
            ask("large").warmUp("x".repeat(600_000))));

    assertThat(ledger.receipts())
        .singleElement()
        .satisfies(receipt -> {
          assertThat(receipt.ok()).isTrue();
          assertThat(receipt.found()).isEqualTo(6);
          assertThat(receipt.warmUp()).isEqualTo(new Receipt.WarmUp(1, 1, 3, 1));
        });
    assertThat(reasons(DecisionKind.NOT_STORED))
        .containsExactly(
            "a computed answer is known",
            "the given result has 600013 bytes, and at most 524288 are kept");
  }

  @Test
  void a_copy_without_requests_is_answered_too() {
    ledger.command(all());

    assertThat(ledger.receipts())
        .extracting(Receipt::warmUp)
        .containsExactly(Receipt.WarmUp.NOTHING);
  }

  @Test
  void a_warm_up_that_comes_again_only_gets_its_receipt_again() {
    ledger.command("w", ask("q").warmUp("given"));
    ledger.decisions();

    ledger.command("w", ask("q").warmUp("other"));

    assertThat(ledger.decisions()).isEmpty();
    assertThat(ledger.receipts())
        .extracting(Receipt::warmUp)
        .containsOnly(new Receipt.WarmUp(0, 1, 0, 0))
        .hasSize(2);
  }

  @Test
  void a_warm_up_after_an_invalidation_is_refused_while_a_run_from_before_is_in_flight() {
    ledger.send(ask("q").tags("model:1").get());
    ledger.command(new Command.Invalidate(null, null, "model:1", null, null, null, null));
    ledger.decisions();
    ledger.receipts();

    ledger.command(ask("q").tags("model:1").warmUp());

    assertThat(reasons(DecisionKind.NOT_STORED)).hasSize(1);
    assertThat(ledger.receipts())
        .extracting(Receipt::warmUp)
        .containsExactly(new Receipt.WarmUp(0, 0, 0, 1));
    finish(ledger.jobs(Tier.FREE).getFirst());
    ledger.command(ask("q").tags("model:1").warmUp());
    assertThat(ledger.background()).hasSize(1);
  }

  @Test
  void a_warm_up_is_refused_while_an_older_run_may_still_bring_what_is_not_kept() {
    ledger.send(ask("q").tags("model:1").get());
    var before = ledger.jobs(Tier.FREE).getFirst();
    ledger.start(before, "lost");
    ledger.command(new Command.Invalidate(null, null, "model:1", null, null, null, null));
    ledger.say(
        new Outcome.Cancelled(
            before.jobId(), before.requestHash(), before.epoch(), "lost", "w-1", ledger.now()));
    assertThat(ledger.jobs(Tier.FREE)).hasSize(1);
    ledger.receipts();

    ledger.command(ask("q").tags("model:1").warmUp());

    assertThat(ledger.receipts())
        .extracting(Receipt::warmUp)
        .containsExactly(new Receipt.WarmUp(0, 0, 0, 1));
    ledger.succeed(before, "lost", "42");
    assertThat(reasons(DecisionKind.NOT_STORED)).contains("invalidated while it was computed");
  }

  @Test
  void an_answer_that_is_too_old_for_whoever_would_ask_is_computed_anew() {
    ledger.send(ask("q").ttl(Duration.ofDays(7)).get());
    finish(ledger.jobs(Tier.FREE).getFirst());

    ledger.pass(Duration.ofDays(2));
    ledger.command(ask("q").ttl(Duration.ofDays(3)).warmUp());
    assertThat(ledger.background()).isEmpty();
    ledger.command(ask("q").warmUp());

    assertThat(ledger.background()).hasSize(1);
  }

  @Test
  void a_refreshing_warm_up_computes_what_is_known_again() {
    ledger.send(ask("q").get());
    finish(ledger.jobs(Tier.FREE).getFirst());

    ledger.command(ask("q").mode(CacheMode.REFRESH).warmUp());

    assertThat(ledger.background()).hasSize(1);
  }

  @Test
  void whoever_joins_a_queued_background_job_takes_it_into_their_lane() {
    ledger.command(ask("q").warmUp());
    var background = ledger.background().getFirst();
    ledger.send(ask("q").id("caller").get());
    var promoted = ledger.jobs(Tier.FREE).getFirst();

    assertThat(promoted.jobId()).isEqualTo(background.jobId());
    assertThat(promoted.epoch()).isGreaterThan(background.epoch());
    assertThat(promoted.background()).isNull();
    assertThat(reasons(DecisionKind.PROMOTED)).containsExactly("somebody waits for it");
    finish(promoted);
    assertThat(ledger.completions())
        .singleElement()
        .satisfies(completion -> assertThat(completion.source()).isEqualTo(Source.JOINED));
  }

  @Test
  void whoever_joins_a_running_background_job_just_waits_for_it() {
    ledger.command(ask("q").warmUp());
    var job = ledger.background().getFirst();
    ledger.start(job, "run");
    ledger.send(ask("q").id("caller").get());

    assertThat(ledger.controls()).isEmpty();
    ledger.succeed(job, "run", "42");
    assertThat(ledger.completions()).extracting(Completion::requestId).containsExactly("caller");
  }

  @Test
  void a_run_that_yields_goes_back_to_the_background_and_the_attempt_does_not_count() {
    ledger.command(ask("q").warmUp());
    var job = ledger.background().getFirst();
    ledger.start(job, "run");
    giveWay(job, "run");

    var again = ledger.background().getFirst();
    assertThat(again.attempt()).isEqualTo(1);
    assertThat(again.epoch()).isGreaterThan(job.epoch());
  }

  @Test
  void a_run_that_yields_goes_to_the_lane_of_whoever_joined_meanwhile() {
    ledger.command(ask("q").warmUp());
    var job = ledger.background().getFirst();
    ledger.start(job, "run");
    ledger.send(ask("q").tier(Tier.PRO).get());
    giveWay(job, "run");

    assertThat(ledger.background()).isEmpty();
    assertThat(ledger.jobs(Tier.PRO)).hasSize(1);
  }

  @Test
  void a_background_job_goes_on_when_its_last_waiter_leaves() {
    ledger.command(ask("q").warmUp());
    var job = ledger.background().getFirst();
    ledger.start(job, "run");
    ledger.send(ask("q").id("caller").get());
    ledger.command(new Command.Cancel(null, null, "org-1", "caller"));

    assertThat(ledger.controls()).isEmpty();
    assertThat(ledger.completions())
        .extracting(Completion::status)
        .containsExactly(Status.CANCELLED);
    ledger.succeed(job, "run", "42");
    ledger.send(ask("q").get());
    assertThat(ledger.completions()).extracting(Completion::source).containsExactly(Source.CACHED);
  }

  @Test
  void a_job_that_a_warm_up_joined_outlives_its_waiters() {
    ledger.send(ask("q").id("caller").mode(CacheMode.BYPASS).get());
    var job = ledger.jobs(Tier.FREE).getFirst();
    ledger.command(ask("q").warmUp());
    assertThat(reasons(DecisionKind.JOINED)).containsExactly("warm-up");
    ledger.command(new Command.Cancel(null, null, "org-1", "caller"));

    finish(job);

    ledger.send(ask("q").get());
    assertThat(ledger.completions())
        .extracting(Completion::source)
        .containsExactly(null, Source.CACHED);
  }

  @Test
  void a_background_job_retries_and_is_buried_like_any_other() {
    ledger.command(ask("q").maxAttempts(2).warmUp());
    var first = ledger.background().getFirst();
    ledger.start(first, "one");
    ledger.fail(first, "one", true);
    ledger.pass(Duration.ofSeconds(1));
    ledger.due(ledger.retries(RetryDelay.SECOND).getFirst());
    var second = ledger.background().getFirst();
    assertThat(second.attempt()).isEqualTo(2);
    ledger.start(second, "two");
    ledger.fail(second, "two", true);

    assertThat(ledger.dead()).hasSize(1);
    assertThat(ledger.completions()).isEmpty();
    assertThat(ledger.progress())
        .singleElement()
        .satisfies(progress -> assertThat(progress.status()).isEqualTo(Status.FAILED));
  }

  @Test
  void a_background_run_that_falls_silent_is_replaced_in_the_background() {
    ledger.command(ask("q").warmUp());
    ledger.start(ledger.background().getFirst(), "run");
    ledger.pass(Duration.ofSeconds(4));
    ledger.loopChecks();
    ledger.pass(Duration.ofSeconds(2));
    ledger.loopChecks();

    assertThat(ledger.background())
        .singleElement()
        .satisfies(job -> assertThat(job.attempt()).isEqualTo(2));
  }

  @Test
  void the_oldest_job_of_a_quiet_background_is_hinted_again_whatever_lane_is_paused() {
    ledger.pause(Tier.FREE);
    ledger.command(ask("q").warmUp());
    var job = ledger.background().getFirst();

    ledger.pass(Duration.ofSeconds(30));

    assertThat(ledger.background()).extracting(Job::epoch).containsExactly(job.epoch());
  }

  @Test
  void starts_of_a_lane_say_nothing_of_the_background() {
    ledger.command(ask("background").warmUp());
    ledger.background();
    for (int i = 0; i < 5; i++) {
      ledger.send(ask("lane " + i).get());
      finish(ledger.jobs(Tier.FREE).getFirst());
      ledger.pass(Duration.ofSeconds(5));
    }
    assertThat(ledger.background()).isEmpty();
  }

  @Test
  void an_operator_may_give_an_answer() {
    ledger.command(ask("q").warmUp("given"));
    assertThat(reasons(DecisionKind.STORED)).containsExactly("warmed");
    ledger.send(ask("q").get());

    assertThat(ledger.completions())
        .singleElement()
        .satisfies(completion -> {
          assertThat(completion.source()).isEqualTo(Source.CACHED);
          assertThat(completion.result().get("answer").asText()).isEqualTo("given");
          assertThat(completion.savedMs()).isZero();
        });
    assertThat(ledger.background()).isEmpty();
    ledger.pass(Duration.ofDays(1));
    assertThat(reasons(DecisionKind.EXPIRED)).containsExactly("ttl");
  }

  @Test
  void a_given_answer_never_replaces_a_good_one_that_was_computed() {
    ledger.send(ask("q").get());
    finish(ledger.jobs(Tier.FREE).getFirst());
    ledger.command(ask("q").warmUp("given"));

    assertThat(reasons(DecisionKind.NOT_STORED)).containsExactly("a computed answer is known");
    ledger.command(ask("q").mode(CacheMode.REFRESH).warmUp("given"));
    ledger.completions();
    ledger.send(ask("q").get());
    assertThat(ledger.completions().getFirst().result().get("answer").asText()).isEqualTo("given");
  }

  @Test
  void a_given_answer_is_invalidated_like_any_other() {
    ledger.command(ask("q").tags("model:1").warmUp("given"));
    ledger.command(new Command.Invalidate(null, null, "model:1", null, null, null, null));
    ledger.send(ask("q").get());

    assertThat(ledger.jobs(Tier.FREE)).hasSize(1);
  }

  private static Command.WarmUp all(Command.WarmUp... parts) {
    var warm = Stream.of(parts).flatMap(part -> part.wanted().stream()).toList();
    return new Command.WarmUp(null, null, null, warm);
  }

  private void finish(Job job) {
    ledger.start(job, "run of " + job.epoch());
    ledger.succeed(job, "run of " + job.epoch(), "42");
  }

  private void giveWay(Job job, String run) {
    ledger.decline(job, run, DeclineReason.YIELD);
  }

  private List<@Nullable String> reasons(DecisionKind kind) {
    return ledger.decisions().stream()
        .filter(decision -> decision.decision() == kind)
        .map(Decision::reason)
        .toList();
  }
}
