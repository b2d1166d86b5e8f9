package dev.millrace.cache;

import static dev.millrace.cache.LedgerDriver.ask;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.contracts.Command;
import dev.millrace.contracts.Completion;
import dev.millrace.contracts.Decision;
import dev.millrace.contracts.DecisionKind;
import dev.millrace.contracts.Receipt;
import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.Source;
import dev.millrace.contracts.Tier;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What an invalidation makes untrue, what a dry run of it counts, and when the receipts come.
class InvalidationTest {

  private static final Duration READERS_LAG = Duration.ofSeconds(2);

  private final LedgerDriver ledger = new LedgerDriver();

  @AfterEach
  void close() {
    ledger.close();
  }

  @Test
  void every_tag_that_begins_so_is_meant() {
    know("one", "campaign:1");
    know("twelve", "campaign:12");
    know("other", "model:1");
    know("none");

    ledger.command(invalidatePrefix("campaign:1"));

    assertThat(isKnown("one", "campaign:1")).isFalse();
    assertThat(isKnown("twelve", "campaign:12")).isFalse();
    assertThat(isKnown("other", "model:1")).isTrue();
    assertThat(isKnown("none")).isTrue();
    assertThat(isKnown("none", "campaign:13")).isFalse();
    assertThat(isKnown("none", "campaign:2")).isTrue();
    assertThat(ledger.decisions())
        .filteredOn(decision -> decision.decision() == DecisionKind.INVALIDATED)
        .extracting(Decision::reason)
        .containsExactly("tagPrefix:campaign:1");
  }

  @Test
  void what_is_computed_after_it_is_good_again() {
    know("q", "campaign:1");
    ledger.command(invalidatePrefix("campaign:"));
    know("q", "campaign:1");

    assertThat(isKnown("q", "campaign:1")).isTrue();
  }

  @Test
  void prefixes_of_many_lengths_are_told_apart() {
    for (var prefix : new String[] {"c", "camp", "campaign:1", "campaign:10"}) {
      know(prefix, "campaign:10:x");
      ledger.command(invalidatePrefix(prefix));
      assertThat(isKnown(prefix, "campaign:10:x")).isFalse();
    }
    know("q", "campaign:2");
    ledger.command(invalidatePrefix("campaign:10"));
    assertThat(isKnown("q", "campaign:2")).isTrue();
  }

  @Test
  void the_receipt_comes_when_no_reader_can_give_the_answer_any_more() {
    ledger.command(invalidate("campaign:1"));
    assertThat(ledger.receipts()).isEmpty();

    ledger.pass(READERS_LAG.minusMillis(1));
    assertThat(ledger.receipts()).isEmpty();
    ledger.pass(Duration.ofMillis(1));
    assertThat(ledger.receipts())
        .singleElement()
        .satisfies(receipt -> {
          assertThat(receipt.ok()).isTrue();
          assertThat(receipt.at()).isEqualTo(LedgerDriver.START.plus(READERS_LAG));
        });
  }

  @Test
  void a_receipt_is_given_even_when_the_ledger_comes_back_after_its_command_is_forgotten() {
    ledger.command(invalidate("campaign:1"));
    ledger.pass(Duration.ofDays(30));
    assertThat(ledger.receipts()).hasSize(1);
  }

  @Test
  void an_invalidation_that_comes_again_is_applied_once_and_never_answered_early() {
    ledger.command("same", invalidate("campaign:1"));
    ledger.command("same", invalidate("campaign:1"));
    assertThat(ledger.receipts()).isEmpty();
    ledger.pass(READERS_LAG);
    var receipts = ledger.receipts();
    assertThat(receipts).hasSize(1);

    know("q", "campaign:1");
    ledger.command("same", invalidate("campaign:1"));
    assertThat(ledger.receipts()).isEqualTo(receipts);
    assertThat(isKnown("q", "campaign:1")).isTrue();
  }

  @Test
  void a_dry_run_counts_what_is_good_and_covered_and_changes_nothing() {
    know("one", "campaign:1");
    know("two", "campaign:1", "model:1");
    know("three", "campaign:2");
    ledger.send(ask("flying").tags("campaign:1").get());
    ledger.jobs(Tier.FREE);
    ledger.decisions();

    ledger.command(dry(invalidate("campaign:1")));
    assertThat(counted()).containsExactly(2, 200);
    ledger.command(dry(invalidatePrefix("campaign:")));
    assertThat(counted()).containsExactly(3, 300);
    ledger.command(dry(new Command.Invalidate(null, null, null, "simulation", null, null, null)));
    assertThat(counted()).containsExactly(3, 300);
    var hash = LedgerDriver.hash("three");
    ledger.command(dry(new Command.Invalidate(null, null, null, null, hash, null, null)));
    assertThat(counted()).containsExactly(1, 100);
    assertThat(ledger.decisions()).isEmpty();
    assertThat(isKnown("one", "campaign:1")).isTrue();

    ledger.command(invalidate("model:1"));
    ledger.pass(READERS_LAG);
    ledger.receipts();
    ledger.command(dry(invalidate("campaign:1")));
    assertThat(counted()).containsExactly(1, 100);
    ledger.passUnseen(Duration.ofDays(1));
    ledger.command(dry(invalidate("campaign:1")));
    assertThat(counted()).containsExactly(0, 0);
  }

  @Test
  void a_dry_run_of_an_unknown_hash_finds_nothing() {
    var hash = RequestHash.of("0".repeat(64));
    ledger.command(dry(new Command.Invalidate(null, null, null, null, hash, null, null)));

    assertThat(counted()).containsExactly(0, 0);
  }

  @Test
  void a_dry_run_that_comes_again_gets_the_same_receipt() {
    know("q", "campaign:1");
    ledger.command("same", dry(invalidate("campaign:1")));
    ledger.command("same", dry(invalidate("campaign:1")));
    ledger.pass(Duration.ofMillis(20));
    var receipts = ledger.receipts();
    assertThat(receipts).hasSize(1);
    know("another", "campaign:1");

    ledger.command("same", dry(invalidate("campaign:1")));

    assertThat(ledger.receipts()).isEqualTo(receipts);
  }

  private long[] counted() {
    ledger.pass(Duration.ofMillis(20));
    Receipt receipt = ledger.receipts().getFirst();
    assertThat(receipt.ok()).isTrue();
    return new long[] {receipt.found(), receipt.recomputeMs()};
  }

  private void know(String question, String... tags) {
    ledger.send(ask(question).tags(tags).get());
    var job = ledger.jobs(Tier.FREE).getFirst();
    ledger.start(job, "run of " + job.epoch());
    ledger.succeed(job, "run of " + job.epoch(), "42");
    ledger.completions();
  }

  /// Whether it is answered from the cache; what it computed otherwise is left in flight.
  private boolean isKnown(String question, String... tags) {
    var request = ask(question).tags(tags).get();
    ledger.send(request);
    boolean hit =
        ledger.completions().stream().map(Completion::source).anyMatch(Source.CACHED::equals);
    if (!hit) {
      ledger.jobs(Tier.FREE);
      ledger.command(new Command.Cancel(null, null, request.organizationId(), request.requestId()));
      ledger.completions();
      ledger.receipts();
    }
    return hit;
  }

  private static Command.Invalidate invalidate(String tag) {
    return new Command.Invalidate(null, null, tag, null, null, null, null);
  }

  private static Command.Invalidate invalidatePrefix(String prefix) {
    return new Command.Invalidate(null, null, null, null, null, prefix, null);
  }

  private static Command.Invalidate dry(Command.Invalidate command) {
    return new Command.Invalidate(
        null, null, command.tag(), command.type(), command.hash(), command.tagPrefix(), true);
  }
}
