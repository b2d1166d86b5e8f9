package dev.millrace.cache;

import static dev.millrace.cache.LedgerDriver.ask;
import static dev.millrace.cache.LedgerDriver.hash;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.cache.eviction.Budget;
import dev.millrace.cache.eviction.EvictionPolicy;
import dev.millrace.contracts.CacheMode;
import dev.millrace.contracts.Completion;
import dev.millrace.contracts.Decision;
import dev.millrace.contracts.DecisionKind;
import dev.millrace.contracts.Job;
import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.Source;
import dev.millrace.contracts.Tier;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What goes when the budget is used up, and what stays.
class EvictionTest {

  private static final long ANY_BYTES = 1_000_000_000;
  private static final Duration A_LOOK = Duration.ofMillis(100);

  private LedgerDriver ledger = new LedgerDriver(EvictionPolicy.LRU, new Budget(2, ANY_BYTES));

  @AfterEach
  void close() {
    ledger.close();
  }

  @Test
  void the_answer_not_used_for_the_longest_makes_room_at_once() {
    know("a");
    know("b");
    assertThat(isKnown("a")).isTrue();
    ledger.decisions();
    know("c");

    var decisions = ledger.decisions();
    assertThat(decisions)
        .extracting(Decision::decision)
        .endsWith(DecisionKind.STORED, DecisionKind.EVICTED);
    var evicted = decisions.getLast();
    assertThat(evicted.requestHash()).isEqualTo(hash("b"));
    assertThat(evicted.reason()).isEqualTo("lru: over the partition's share of cache.max.entries");
    assertThat(evicted.cause()).isEqualTo(decisions.get(decisions.size() - 2).cause());
    assertThat(isKnown("a")).isTrue();
    assertThat(isKnown("c")).isTrue();
    assertThat(isKnown("b")).isFalse();
  }

  @Test
  void an_answer_that_is_computed_again_takes_no_more_room() {
    know("a");
    know("b");
    ledger.send(ask("a").mode(CacheMode.REFRESH).get());
    finish("a2");

    assertThat(evictions()).isEmpty();
    assertThat(isKnown("a")).isTrue();
    assertThat(isKnown("b")).isTrue();
  }

  @Test
  void what_is_in_flight_goes_on_when_its_answer_is_evicted() {
    know("a");
    ledger.send(ask("a").mode(CacheMode.REFRESH).get());
    var refresh = job();
    ledger.start(refresh, "w-refresh");
    know("b");
    know("c");
    assertThat(evictions()).containsExactly(hash("a"));
    ledger.completions();

    ledger.succeed(refresh, "w-refresh", "a2");

    assertThat(ledger.completions())
        .extracting(Completion::source)
        .containsExactly(Source.COMPUTED);
    assertThat(evictions()).containsExactly(hash("b"));
    assertThat(isKnown("a")).isTrue();
  }

  @Test
  void an_expired_answer_takes_no_room() {
    ledger.send(ask("a").ttl(Duration.ofMinutes(1)).get());
    finish("a");
    know("b");
    ledger.pass(Duration.ofMinutes(2));
    know("c");

    assertThat(evictions()).isEmpty();
    assertThat(entries()).isEqualTo(2);
  }

  @Test
  void an_answer_larger_than_the_whole_budget_is_given_and_not_stored() {
    with(EvictionPolicy.COST_AWARE, new Budget(1_000, 10_000));
    know("small");
    ledger.completions();
    ledger.decisions();

    ledger.send(ask("large").get());
    finish("x".repeat(10_000));
    ledger.command(ask("given").warmUp("x".repeat(10_000)));

    assertThat(ledger.completions())
        .extracting(Completion::source)
        .containsExactly(Source.COMPUTED);
    assertThat(ledger.decisions())
        .filteredOn(decision -> decision.decision() == DecisionKind.NOT_STORED)
        .extracting(Decision::reason)
        .containsExactly(
            "larger than the partition's share of cache.max.bytes",
            "larger than the partition's share of cache.max.bytes");
    assertThat(isKnown("small")).isTrue();
  }

  @Test
  void many_small_answers_make_room_for_a_large_one_a_hundred_at_a_time() {
    with(EvictionPolicy.LRU, new Budget(1_000, 100_000));
    for (int i = 0; i < 150; i++) {
      know("q" + i);
    }
    assertThat(evictions()).isEmpty();

    ledger.send(ask("large").get());
    finish("x".repeat(99_000));
    assertThat(evictions()).hasSize(100).startsWith(hash("q0")).endsWith(hash("q99"));

    ledger.pass(A_LOOK);
    assertThat(evictions()).hasSize(50).startsWith(hash("q100"));
    assertThat(isKnown("large")).isTrue();
  }

  @Test
  void meters_show_what_is_held_and_what_went() {
    know("a");
    know("b");
    know("c");

    assertThat(entries()).isEqualTo(2);
    assertThat(ledger.meters().get("cache.bytes").gauge().value()).isBetween(1_000.0, 2_000.0);
    assertThat(
            ledger
                .meters()
                .get("cache.evictions")
                .tags("policy", "lru", "reason", "entries")
                .counter()
                .count())
        .isOne();
  }

  private void with(EvictionPolicy policy, Budget budget) {
    ledger.close();
    ledger = new LedgerDriver(policy, budget);
  }

  private double entries() {
    return ledger.meters().get("cache.entries").gauge().value();
  }

  private List<RequestHash> evictions() {
    return ledger.decisions().stream()
        .filter(decision -> decision.decision() == DecisionKind.EVICTED)
        .map(decision -> Objects.requireNonNull(decision.requestHash()))
        .toList();
  }

  private void know(String question) {
    ledger.send(ask(question).get());
    finish(question);
  }

  private void finish(String answer) {
    var job = job();
    ledger.start(job, "w-" + job.epoch());
    ledger.succeed(job, "w-" + job.epoch(), answer);
    ledger.pass(Duration.ofMillis(20));
  }

  private Job job() {
    return ledger.jobs(Tier.FREE).getLast();
  }

  private boolean isKnown(String question) {
    ledger.completions();
    ledger.send(ask(question).mode(CacheMode.ONLY).get());
    return ledger.completions().getLast().source() == Source.CACHED;
  }
}
