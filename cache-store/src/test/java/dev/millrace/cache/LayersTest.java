package dev.millrace.cache;

import static dev.millrace.cache.LedgerDriver.ask;
import static dev.millrace.cache.LedgerDriver.hash;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.millrace.cache.eviction.Budget;
import dev.millrace.cache.eviction.EvictionPolicy;
import dev.millrace.cache.layers.ResultCache;
import dev.millrace.contracts.CacheMode;
import dev.millrace.contracts.Command;
import dev.millrace.contracts.Completion;
import dev.millrace.contracts.Job;
import dev.millrace.contracts.Source;
import dev.millrace.contracts.Tier;
import dev.millrace.runtime.reads.CacheStats;
import dev.millrace.runtime.reads.Question;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Memory above the stores: what it serves, and that it never serves what the entry does not allow.
/// Each answer was asked for before it changes, so that the old one is in memory.
class LayersTest {

  private LedgerDriver ledger = new LedgerDriver();

  @AfterEach
  void close() {
    ledger.close();
  }

  @Test
  void what_was_asked_for_once_needs_no_store() {
    know("q", "42");
    ledger.damageResult(hash("q"));

    assertThat(hit("q")).isEqualTo("42");
    assertThat(layers())
        .extracting(CacheStats.Layer::layer, CacheStats.Layer::hits, CacheStats.Layer::misses)
        .containsExactly(tuple("memory", 1L, 1L), tuple("ledger", 1L, 0L));
  }

  @Test
  void readers_beside_the_ledger_are_served_from_it_too() {
    know("q", "42");
    ledger.commit();
    ledger.damageResult(hash("q"));

    var known =
        ledger
            .reads()
            .answer(
                new Question(
                    hash("q"), "simulation", CacheMode.DEFAULT, null, List.of(), null, null));

    assertThat(known.orElseThrow().result().toString()).isEqualTo("{\"answer\":\"42\"}");
  }

  @Test
  void a_newer_answer_is_given_instead() {
    know("q", "old");

    ledger.send(ask("q").mode(CacheMode.REFRESH).get());
    finish("new");

    assertThat(hit("q")).isEqualTo("new");
    assertThat(hit("q")).isEqualTo("new");
  }

  @Test
  void an_answer_an_operator_gives_is_given_instead() {
    ledger.command(ask("q").warmUp("first"));
    assertThat(hit("q")).isEqualTo("first");

    ledger.command(ask("q").warmUp("second"));

    assertThat(hit("q")).isEqualTo("second");
  }

  @Test
  void an_expired_answer_is_computed_anew() {
    know("q", "old");
    ledger.passUnseen(Duration.ofHours(24));

    assertIsComputedAnew("q");
  }

  @Test
  void an_invalidated_answer_is_computed_anew() {
    know("q", "old");
    ledger.command(new Command.Invalidate(null, null, null, null, hash("q"), null, null));

    assertIsComputedAnew("q");
  }

  @Test
  void an_evicted_answer_is_computed_anew() {
    ledger.close();
    ledger = new LedgerDriver(EvictionPolicy.LRU, new Budget(1, 1_000_000));
    know("q", "old");
    know("other", "42");

    assertIsComputedAnew("q");
  }

  @Test
  void large_results_stay_in_the_store() {
    know("q", "x".repeat(ResultCache.LARGEST_BYTES));
    assertThat(hit("q")).startsWith("xxx");

    assertThat(layers()).extracting(CacheStats.Layer::hits).containsExactly(0L, 2L);
  }

  @Test
  void nobody_notices_that_it_fails() {
    know("q", "42");
    ledger.memory().close();

    assertThat(hit("q")).isEqualTo("42");
    know("new", "43");
    assertThat(ledger.meters().get("cache.layer.errors").tag("layer", "memory").counters())
        .isNotEmpty();
  }

  /// Has it computed and asked for once.
  private void know(String question, String answer) {
    ledger.send(ask(question).get());
    finish(answer);
    assertThat(hit(question)).isEqualTo(answer);
  }

  private void assertIsComputedAnew(String question) {
    ledger.completions();
    ledger.send(ask(question).get());
    assertThat(ledger.completions()).isEmpty();
    finish("new");
    assertThat(hit(question)).isEqualTo("new");
  }

  private void finish(String answer) {
    Job job = ledger.jobs(Tier.FREE).getFirst();
    ledger.start(job, "w-" + job.epoch());
    ledger.succeed(job, "w-" + job.epoch(), answer);
  }

  private String hit(String question) {
    ledger.completions();
    ledger.send(ask(question).get());
    Completion completion = ledger.completions().getFirst();
    assertThat(completion.source()).isEqualTo(Source.CACHED);
    return completion.result().get("answer").asText();
  }

  private List<CacheStats.Layer> layers() {
    return ledger.reads().stats().getFirst().layers();
  }
}
