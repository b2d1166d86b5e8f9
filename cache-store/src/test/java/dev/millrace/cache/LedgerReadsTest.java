package dev.millrace.cache;

import static dev.millrace.cache.LedgerDriver.ask;
import static dev.millrace.cache.LedgerDriver.hash;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.millrace.contracts.CacheMode;
import dev.millrace.contracts.Command;
import dev.millrace.contracts.Job;
import dev.millrace.contracts.Tier;
import dev.millrace.runtime.reads.KnownAnswer;
import dev.millrace.runtime.reads.LedgerUnavailableException;
import dev.millrace.runtime.reads.Question;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What may be read beside the ledger, and when nothing may.
class LedgerReadsTest {

  private final LedgerDriver ledger = new LedgerDriver();

  @AfterEach
  void close() {
    ledger.close();
  }

  @Test
  void a_committed_answer_is_known() {
    var job = compute("q");
    ledger.commit();

    var known = known(question("q")).orElseThrow();

    assertThat(known.jobId()).isEqualTo(job.jobId());
    assertThat(known.epoch()).isEqualTo(job.epoch());
    assertThat(known.result().toString()).isEqualTo("{\"answer\":\"42\"}");
    assertThat(known.runMs()).isEqualTo(100);
    assertThat(known.validMs()).isEqualTo(Duration.ofDays(1).toMillis());
    assertThat(known.at()).isEqualTo(ledger.now());
  }

  @Test
  void what_is_not_committed_is_not_known() {
    compute("other");
    ledger.commit();
    compute("q");

    assertThat(known(question("q"))).isEmpty();
    assertThat(known(question("other"))).isPresent();

    ledger.commit();
    assertThat(known(question("q"))).isPresent();
  }

  @Test
  void an_answer_that_is_being_replaced_is_not_known() {
    compute("q");
    ledger.commit();
    ledger.send(ask("q").mode(CacheMode.REFRESH).get());
    assertThat(known(question("q"))).isPresent();

    finish(ledger.jobs(Tier.FREE).getFirst());

    assertThat(known(question("q"))).isEmpty();
  }

  @Test
  void nothing_is_known_a_second_after_the_last_commit() {
    compute("q");
    ledger.commit();

    ledger.passUnseen(Duration.ofMillis(999));
    assertThat(known(question("q"))).isPresent();
    ledger.passUnseen(Duration.ofMillis(1));
    assertThat(known(question("q"))).isEmpty();

    ledger.commit();
    assertThat(known(question("q"))).isPresent();
  }

  @Test
  void a_commit_without_offsets_proves_nothing() {
    try (var fresh = new LedgerDriver()) {
      fresh.commit();
      assertThat(fresh.reads().answer(question("q").get())).isEmpty();
    }
  }

  @Test
  void the_rules_of_a_hit_hold() {
    ledger.send(ask("q").tags("campaign:1").get());
    finish(ledger.jobs(Tier.FREE).getFirst());
    ledger.commit();

    assertThat(known(question("q").mode(CacheMode.ONLY))).isPresent();
    assertThat(known(question("q").mode(CacheMode.STALE_OK))).isPresent();
    assertThat(known(question("q").mode(CacheMode.REFRESH))).isEmpty();
    assertThat(known(question("q").mode(CacheMode.BYPASS))).isEmpty();

    ledger.passUnseen(Duration.ofMillis(500));
    assertThat(known(question("q").ttlMs(501))).isPresent();
    assertThat(known(question("q").ttlMs(500))).isEmpty();
    assertThat(known(question("q").ttlMs(600)).orElseThrow().validMs()).isEqualTo(100);

    ledger.command(invalidate("campaign:2"));
    ledger.commit();
    assertThat(known(question("q"))).isPresent();
    assertThat(known(question("q").tags("campaign:2"))).isEmpty();

    ledger.command(invalidate("campaign:1"));
    assertThat(known(question("q"))).isEmpty();
  }

  @Test
  void a_failure_is_left_to_the_ledger() {
    ledger.send(ask("q").negativeTtl(Duration.ofHours(1)).get());
    var job = ledger.jobs(Tier.FREE).getFirst();
    ledger.start(job, "run");
    ledger.fail(job, "run", false);
    ledger.commit();

    assertThat(known(question("q"))).isEmpty();
  }

  @Test
  void a_request_that_came_before_is_left_to_the_ledger() {
    ledger.send(ask("q").id("mine").get());
    finish(ledger.jobs(Tier.FREE).getFirst());
    ledger.command(new Command.Cancel(null, null, "org-1", "cancelled"));
    ledger.commit();

    assertThat(known(question("q").requestId("mine"))).isEmpty();
    assertThat(known(question("q").requestId("cancelled"))).isEmpty();
    assertThat(known(question("q").requestId("new"))).isPresent();
  }

  @Test
  void a_ledger_that_is_closed_cannot_be_asked() {
    var closed = new LedgerDriver();
    closed.close();

    assertThatExceptionOfType(LedgerUnavailableException.class)
        .isThrownBy(() -> closed.reads().answer(question("q").get()));
    assertThatExceptionOfType(LedgerUnavailableException.class)
        .isThrownBy(() -> closed.reads().entry(hash("q")))
        .withMessageContaining("partition 0");
  }

  @Test
  void an_entry_is_described() {
    assertThat(ledger.reads().entry(hash("q"))).isEmpty();

    ledger.send(ask("q").tags("campaign:1").get());
    var queued = ledger.reads().entry(hash("q")).orElseThrow();
    assertThat(queued.type()).isEqualTo("simulation");
    assertThat(queued.answer()).isNull();
    assertThat(queued.flight().state()).isEqualTo("queued");
    assertThat(queued.flight().waiters()).isEqualTo(1);

    finish(ledger.jobs(Tier.FREE).getFirst());
    ledger.passUnseen(Duration.ofSeconds(5));
    var answer = ledger.reads().entry(hash("q")).orElseThrow().answer();
    assertThat(answer.status()).isEqualTo("fresh");
    assertThat(answer.provenance()).isEqualTo("COMPUTED");
    assertThat(answer.tags()).containsExactly("campaign:1");
    assertThat(answer.ageMs()).isEqualTo(5_000);
    assertThat(answer.sizeBytes()).isEqualTo("{\"answer\":\"42\"}".length());

    ledger.command(invalidate("campaign:1"));
    assertThat(ledger.reads().entry(hash("q")).orElseThrow().answer().status())
        .isEqualTo("invalidated");
  }

  @Test
  void what_was_decided_is_counted() {
    ledger.send(ask("q").get());
    ledger.send(ask("q").get());
    finish(ledger.jobs(Tier.FREE).getFirst());
    ledger.send(ask("q").get());

    var stats = ledger.reads().stats().getFirst();

    assertThat(stats.partitions()).containsExactly(0);
    assertThat(stats.since()).isEqualTo(LedgerDriver.START);
    assertThat(stats.misses()).isEqualTo(1);
    assertThat(stats.joined()).isEqualTo(1);
    assertThat(stats.hits()).isEqualTo(1);
    assertThat(stats.evictions()).isZero();
  }

  private Optional<KnownAnswer> known(Asked question) {
    return ledger.reads().answer(question.get());
  }

  private Job compute(String question) {
    ledger.send(ask(question).get());
    return finish(ledger.jobs(Tier.FREE).getFirst());
  }

  private Job finish(Job job) {
    ledger.start(job, "run");
    ledger.succeed(job, "run", "42");
    return job;
  }

  private static Command invalidate(String tag) {
    return new Command.Invalidate(null, null, tag, null, null, null, null);
  }

  private static Asked question(String question) {
    return new Asked(question);
  }

  /// A question being put together.
  private static final class Asked {

    private final String question;
    private CacheMode mode = CacheMode.DEFAULT;
    private @Nullable Long ttlMs;
    private List<String> tags = List.of();
    private @Nullable String requestId;

    private Asked(String question) {
      this.question = question;
    }

    Asked mode(CacheMode value) {
      mode = value;
      return this;
    }

    Asked ttlMs(long value) {
      ttlMs = value;
      return this;
    }

    Asked tags(String... value) {
      tags = List.of(value);
      return this;
    }

    Asked requestId(String value) {
      requestId = value;
      return this;
    }

    Question get() {
      return new Question(hash(question), "simulation", mode, ttlMs, tags, "org-1", requestId);
    }
  }
}
