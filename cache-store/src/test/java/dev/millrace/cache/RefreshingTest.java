package dev.millrace.cache;

import static dev.millrace.cache.LedgerDriver.ask;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.millrace.cache.LedgerDriver.Ask;
import dev.millrace.contracts.CacheMode;
import dev.millrace.contracts.Command;
import dev.millrace.contracts.Completion;
import dev.millrace.contracts.Decision;
import dev.millrace.contracts.DecisionKind;
import dev.millrace.contracts.Job;
import dev.millrace.contracts.Policy.Caching;
import dev.millrace.contracts.Source;
import dev.millrace.contracts.Status;
import dev.millrace.contracts.Tier;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Answers that are computed again before, or a little after, their time is over; and how long the
/// next one lasts.
class RefreshingTest {

  private static final Duration TTL = Duration.ofDays(1);
  private static final Duration WINDOW = Duration.ofMinutes(10);
  private static final Caching STALE =
      new Caching(WINDOW.toMillis(), null, null, null, null, null, null);

  /// So eager that whoever asks in the last hours has the answer computed again.
  private static final Caching EAGER = new Caching(null, 1e9, null, null, null, null, null);

  private static final Caching ADAPTS =
      new Caching(
          null,
          null,
          Duration.ofHours(12).toMillis(),
          Duration.ofDays(3).toMillis(),
          null,
          null,
          null);

  private final LedgerDriver ledger = new LedgerDriver();

  @AfterEach
  void close() {
    ledger.close();
  }

  @Test
  void a_stale_answer_is_given_at_once_and_one_refresh_computes_the_next() {
    known(STALE, "old");
    ledger.pass(TTL);
    assertThat(ledger.decisions()).as("it is kept").isEmpty();

    ledger.send(ask("q").tier(Tier.PRO).caching(STALE).get());
    ledger.send(ask("q").caching(STALE).get());

    assertThat(ledger.decisions())
        .extracting(Decision::decision, Decision::reason)
        .containsExactly(
            tuple(DecisionKind.HIT, "stale"),
            tuple(DecisionKind.DISPATCHED, "refresh: stale"),
            tuple(DecisionKind.HIT, "stale"));
    assertThat(ledger.completions())
        .hasSize(2)
        .allSatisfy(completion -> {
          assertThat(completion.source()).isEqualTo(Source.STALE);
          assertThat(completion.result().get("answer").asText()).isEqualTo("old");
        });
    assertThat(ledger.jobs(Tier.PRO)).isEmpty();
    var refresh = ledger.background();
    assertThat(refresh).hasSize(1);

    finish(refresh.getFirst(), "new");
    assertThat(ledger.completions()).isEmpty();
    ledger.send(ask("q").caching(STALE).get());
    assertThat(ledger.completions())
        .singleElement()
        .satisfies(completion -> {
          assertThat(completion.source()).isEqualTo(Source.CACHED);
          assertThat(completion.result().get("answer").asText()).isEqualTo("new");
        });
  }

  @Test
  void an_answer_kept_longer_for_somebody_is_stale_for_others_behind_the_ttl_of_its_type() {
    ledger.send(ask("q").ttl(TTL.multipliedBy(7)).caching(STALE).get());
    finish(ledger.jobs(Tier.FREE).getFirst(), "old");
    ledger.completions();
    ledger.pass(TTL);
    ledger.send(ask("q").caching(STALE).get());

    assertThat(ledger.completions()).extracting(Completion::source).containsExactly(Source.STALE);
    assertThat(ledger.background()).hasSize(1);
  }

  @Test
  void the_answer_is_not_given_behind_the_window_even_when_nobody_swept() {
    known(STALE, "old");
    ledger.passUnseen(TTL.plus(WINDOW).minusMillis(1));
    ledger.send(ask("q").caching(STALE).get());
    ledger.passUnseen(Duration.ofMillis(1));
    ledger.send(ask("q").id("late").caching(STALE).get());

    assertThat(ledger.completions()).extracting(Completion::source).containsExactly(Source.STALE);
    assertThat(reasons(DecisionKind.JOINED)).hasSize(1);
    ledger.pass(Duration.ofMillis(100));
    assertThat(reasons(DecisionKind.EXPIRED)).containsExactly("ttl");
  }

  @ParameterizedTest
  @EnumSource(
      value = CacheMode.class,
      names = {"REFRESH", "BYPASS", "ONLY"})
  void modes_that_want_no_stale_answer_get_none(CacheMode mode) {
    known(STALE, "old");
    ledger.pass(TTL);
    ledger.send(ask("q").mode(mode).caching(STALE).get());

    assertThat(ledger.completions()).noneMatch(one -> one.status() == Status.COMPLETED);
    assertThat(ledger.background()).isEmpty();
  }

  @Test
  void whoever_says_how_old_an_answer_may_be_gets_none_that_is_older() {
    known(STALE, "old");
    ledger.pass(TTL.minusMinutes(5));
    ledger.send(ask("q").ttl(TTL.minusMinutes(6)).caching(STALE).get());

    assertThat(ledger.completions()).isEmpty();
    assertThat(ledger.jobs(Tier.FREE)).hasSize(1);
  }

  @Test
  void an_invalidated_answer_is_not_given_as_stale() {
    ledger.send(ask("q").tags("model:1").caching(STALE).get());
    finish(ledger.jobs(Tier.FREE).getFirst(), "old");
    ledger.completions();
    ledger.pass(TTL);
    ledger.command(new Command.Invalidate(null, null, "model:1", null, null, null, null));
    ledger.send(ask("q").caching(STALE).get());

    assertThat(ledger.completions()).isEmpty();
    assertThat(ledger.background()).isEmpty();
    assertThat(ledger.jobs(Tier.FREE)).hasSize(1);
  }

  @Test
  void a_refresh_that_fails_leaves_the_answer_and_the_next_one_waits() {
    ledger.send(stale().get());
    finish(ledger.jobs(Tier.FREE).getFirst(), "old");
    ledger.completions();
    ledger.pass(TTL);
    ledger.send(stale().get());
    var refresh = ledger.background().getFirst();
    ledger.start(refresh, "run");
    ledger.fail(refresh, "run", false);

    ledger.send(stale().get());
    assertThat(ledger.background()).isEmpty();
    ledger.pass(Duration.ofMinutes(1));
    ledger.send(stale().get());
    assertThat(ledger.background()).hasSize(1);
    assertThat(ledger.completions())
        .hasSize(3)
        .allMatch(completion -> completion.source() == Source.STALE);
  }

  @Test
  void a_refresh_whose_answer_is_not_stored_is_not_sent_again_and_again() {
    var sure = new Caching(WINDOW.toMillis(), null, null, null, 0.8, null, null);
    ledger.send(stale().caching(sure).get());
    var first = ledger.jobs(Tier.FREE).getFirst();
    ledger.start(first, "sure");
    ledger.succeed(first, "sure", "old", 0.9);
    ledger.pass(TTL);
    ledger.send(stale().caching(sure).get());
    finish(ledger.background().getFirst(), "not sure");
    ledger.send(stale().caching(sure).get());

    assertThat(ledger.background()).isEmpty();
    assertThat(ledger.completions())
        .last()
        .satisfies(
            completion -> assertThat(completion.result().get("answer").asText()).isEqualTo("old"));
  }

  @Test
  void not_even_where_failures_are_not_remembered() {
    known(STALE, "old");
    ledger.pass(TTL);
    ledger.send(ask("q").negativeTtl(Duration.ZERO).caching(STALE).get());
    var refresh = ledger.background().getFirst();
    ledger.start(refresh, "run");
    ledger.fail(refresh, "run", false);

    ledger.send(ask("q").negativeTtl(Duration.ZERO).caching(STALE).get());
    assertThat(ledger.background()).isEmpty();
    ledger.pass(Duration.ofSeconds(10));
    ledger.send(ask("q").negativeTtl(Duration.ZERO).caching(STALE).get());
    assertThat(ledger.background()).hasSize(1);
  }

  @Test
  void a_run_that_nobody_wants_stored_puts_no_refresh_off() {
    known(STALE, "old");
    ledger.pass(TTL);
    ledger.send(ask("q").mode(CacheMode.BYPASS).caching(STALE).get());
    finish(ledger.jobs(Tier.FREE).getFirst(), "not kept");
    ledger.send(ask("q").caching(STALE).get());

    assertThat(ledger.background()).hasSize(1);
  }

  @Test
  void an_answer_that_depends_on_too_much_is_computed_again_only_when_somebody_waits() {
    ledger.send(ask("q").tags(tags(0)).caching(STALE).get());
    finish(ledger.jobs(Tier.FREE).getFirst(), "next");
    for (int refresh = 1; refresh < 8; refresh++) {
      ledger.pass(TTL);
      ledger.send(ask("q").tags(tags(refresh)).caching(STALE).get());
      finish(ledger.background().getFirst(), "next");
    }
    ledger.pass(TTL);
    ledger.send(ask("q").tags(tags(8)).caching(STALE).get());

    assertThat(ledger.background()).isEmpty();
  }

  /// Thirty that nobody else has.
  private static String[] tags(int of) {
    return IntStream.range(0, 30).mapToObj(tag -> of + ":" + tag).toArray(String[]::new);
  }

  @Test
  void the_next_answer_depends_on_all_the_last_one_did() {
    ledger.send(ask("q").tags("model:1").caching(STALE).get());
    finish(ledger.jobs(Tier.FREE).getFirst(), "old");
    ledger.pass(TTL);
    ledger.send(ask("q").tags("model:2").caching(STALE).get());
    finish(ledger.background().getFirst(), "new");
    ledger.completions();
    ledger.command(new Command.Invalidate(null, null, "model:1", null, null, null, null));
    ledger.send(ask("q").caching(STALE).get());

    assertThat(ledger.completions()).isEmpty();
  }

  @Test
  void an_answer_that_is_asked_for_is_refreshed_ahead_of_its_time() {
    known(EAGER, "old");
    ledger.send(ask("q").caching(EAGER).get());
    ledger.send(ask("q").caching(EAGER).get());

    assertThat(reasons(DecisionKind.DISPATCHED)).containsExactly("refresh: ahead");
    assertThat(ledger.completions())
        .hasSize(2)
        .allMatch(completion -> completion.source() == Source.CACHED);
    finish(ledger.background().getFirst(), "new");
    ledger.pass(TTL.minusSeconds(1));
    ledger.send(ask("q").mode(CacheMode.ONLY).caching(EAGER).get());
    assertThat(ledger.completions().getFirst().result().get("answer").asText()).isEqualTo("new");
    assertThat(ledger.background()).as("only computes nothing").isEmpty();
  }

  @Test
  void nothing_is_refreshed_ahead_unless_the_type_says_so() {
    known(STALE, "old");
    for (int i = 0; i < 100; i++) {
      ledger.send(ask("q").caching(STALE).get());
    }
    ledger.pass(TTL.minusMillis(1));
    ledger.send(ask("q").caching(STALE).get());

    assertThat(ledger.background()).isEmpty();
  }

  @Test
  void an_effect_is_never_run_unasked() {
    ledger.send(ask("q").effect().caching(EAGER).get());
    finish(ledger.jobs(Tier.FREE).getFirst(), "done");
    ledger.send(ask("q").effect().caching(EAGER).get());

    assertThat(ledger.background()).isEmpty();
  }

  @Test
  void an_answer_that_stays_the_same_lasts_longer_and_one_that_changes_shorter() {
    assertThat(lasts("same")).isEqualTo(Duration.ofDays(1));
    ledger.pass(Duration.ofDays(1));
    assertThat(lasts("same")).isEqualTo(Duration.ofDays(2));
    ledger.pass(Duration.ofDays(2));
    assertThat(lasts("same")).as("no longer than its type lets").isEqualTo(Duration.ofDays(3));
    assertThat(lasts("other")).isEqualTo(Duration.ofHours(36));
    assertThat(lasts("third")).isEqualTo(Duration.ofHours(18));
    assertThat(lasts("last")).as("no shorter").isEqualTo(Duration.ofHours(12));
  }

  @Test
  void an_adapted_answer_is_given_until_it_expires_whatever_the_type_began_with() {
    lasts("same");
    ledger.pass(Duration.ofDays(1));
    lasts("same");
    ledger.completions();
    ledger.pass(Duration.ofDays(2).minusMillis(1));
    ledger.send(ask("q").caching(ADAPTS).get());

    assertThat(ledger.completions()).extracting(Completion::source).containsExactly(Source.CACHED);
  }

  @Test
  void a_repeat_is_known_when_its_answer_has_expired_and_an_answer_when_the_repeat_is_not() {
    var request = ask("q").get();
    ledger.send(request);
    finish(ledger.jobs(Tier.FREE).getFirst(), "old");
    ledger.pass(TTL);
    ledger.send(request);
    assertThat(ledger.completions())
        .last()
        .satisfies(completion -> assertThat(completion.repeat()).isTrue());
    assertThat(ledger.jobs(Tier.FREE)).as("the dedupe window outlives the answer").isEmpty();

    var forEver = ask("for ever").ttl(Duration.ofDays(300)).get();
    ledger.send(forEver);
    finish(ledger.jobs(Tier.FREE).getFirst(), "known");
    ledger.pass(Duration.ofDays(9));
    ledger.completions();
    ledger.send(ask("for ever").id(forEver.requestId()).ttl(Duration.ofDays(300)).get());
    assertThat(ledger.completions())
        .as("the answer outlives the dedupe window")
        .singleElement()
        .satisfies(completion -> {
          assertThat(completion.repeat()).isFalse();
          assertThat(completion.source()).isEqualTo(Source.CACHED);
        });
  }

  private static Ask stale() {
    return ask("q").caching(STALE).negativeTtl(Duration.ofMinutes(1));
  }

  private void known(Caching caching, String answer) {
    ledger.send(ask("q").caching(caching).get());
    finish(ledger.jobs(Tier.FREE).getFirst(), answer);
    ledger.completions();
    ledger.decisions();
  }

  /// Has the answer computed, whether one is known or not, and says how long it will last.
  private Duration lasts(String answer) {
    ledger.send(ask("q").mode(CacheMode.REFRESH).caching(ADAPTS).get());
    finish(ledger.jobs(Tier.FREE).getFirst(), answer);
    Instant expiresAt =
        ledger.decisions().stream()
            .filter(decision -> decision.decision() == DecisionKind.STORED)
            .findFirst()
            .map(Decision::expiresAt)
            .orElseThrow();
    return Duration.between(ledger.now(), expiresAt);
  }

  private void finish(Job job, String answer) {
    ledger.start(job, "run of " + job.epoch());
    ledger.succeed(job, "run of " + job.epoch(), answer);
  }

  private List<@Nullable String> reasons(DecisionKind kind) {
    return ledger.decisions().stream()
        .filter(decision -> decision.decision() == kind)
        .map(Decision::reason)
        .toList();
  }
}
