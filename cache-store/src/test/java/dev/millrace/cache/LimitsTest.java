package dev.millrace.cache;

import static dev.millrace.cache.LedgerDriver.ask;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.cache.ledger.Ledger.LedgerSettings.Limits;
import dev.millrace.contracts.Completion;
import dev.millrace.contracts.Decision;
import dev.millrace.contracts.DecisionKind;
import dev.millrace.contracts.FailureCode;
import dev.millrace.contracts.Policy.Caching;
import dev.millrace.contracts.Source;
import dev.millrace.contracts.Status;
import dev.millrace.contracts.Tier;
import java.time.Duration;
import java.util.HashSet;
import org.junit.jupiter.api.Test;

/// What the ledger does not keep, and whom it does not let wait.
class LimitsTest {

  @Test
  void an_answer_that_is_not_worth_its_room_is_given_and_not_kept() {
    try (var ledger = new LedgerDriver(new Limits(50, 10))) {
      ledger.send(ask("cheap").costScore(49).get());
      var job = ledger.jobs(Tier.FREE).getFirst();
      ledger.start(job, "run");
      ledger.succeed(job, "run", "42");

      assertThat(ledger.completions())
          .extracting(Completion::status)
          .containsExactly(Status.COMPLETED);
      assertThat(ledger.decisions())
          .filteredOn(decision -> decision.decision() == DecisionKind.NOT_STORED)
          .extracting(Decision::reason)
          .containsExactly("its cost score is 49, and cache.threshold 50");
      ledger.send(ask("cheap").costScore(49).get());
      assertThat(ledger.jobs(Tier.FREE)).as("it is computed again").hasSize(1);
    }
  }

  @Test
  void a_type_says_how_sure_an_answer_must_be_and_how_long_its_question_may_be() {
    try (var ledger = new LedgerDriver(new Limits(50, 10))) {
      var sure = new Caching(null, null, null, null, 0.8, null, null);
      ledger.send(ask("sure").caching(sure).get());
      var job = ledger.jobs(Tier.FREE).getFirst();
      ledger.start(job, "run");
      ledger.succeed(job, "run", "42", 0.9);
      var brief = new Caching(null, null, null, null, null, 15, null);
      ledger.send(ask("ä").caching(brief).get());
      var second = ledger.jobs(Tier.FREE).getFirst();
      ledger.start(second, "run");
      ledger.succeed(second, "run", "42");

      assertThat(ledger.decisions())
          .filteredOn(decision ->
              decision.decision() == DecisionKind.STORED
                  || decision.decision() == DecisionKind.NOT_STORED)
          .extracting(Decision::reason)
          .containsExactly(null, "its question has 17 bytes, and at most 15 are kept");
    }
  }

  @Test
  void a_waiter_too_many_is_refused_and_may_ask_again() {
    try (var ledger = new LedgerDriver(new Limits(50, 2))) {
      ledger.send(ask("q").get());
      ledger.send(ask("q").get());
      ledger.send(ask("q").id("third").get());

      assertThat(ledger.completions())
          .singleElement()
          .satisfies(completion -> {
            assertThat(completion.requestId()).isEqualTo("third");
            assertThat(completion.status()).isEqualTo(Status.FAILED);
            assertThat(completion.error().code()).isEqualTo(FailureCode.TOO_MANY_WAITERS.name());
            assertThat(completion.error().retryable()).isTrue();
          });
      var job = ledger.jobs(Tier.FREE).getFirst();
      ledger.start(job, "run");
      ledger.succeed(job, "run", "42");
      assertThat(ledger.completions()).hasSize(2);
      ledger.send(ask("q").get());
      assertThat(ledger.completions())
          .extracting(Completion::source)
          .containsExactly(Source.CACHED);
    }
  }

  @Test
  void a_hundred_thousand_waiters_cost_linear_work_in_bounded_slices() {
    int many = 100_000;
    try (var ledger = new LedgerDriver(new Limits(50, many))) {
      ledger.send(ask("q").get());
      var job = ledger.jobs(Tier.FREE).getFirst();
      for (int i = 1; i < many; i++) {
        ledger.send(ask("q").get());
        if (i % 1_000 == 0) {
          assertThat(ledger.decisions()).as("one decision each").hasSizeBetween(1_000, 1_001);
        }
      }
      ledger.send(ask("q").id("one too many").get());
      assertThat(ledger.completions())
          .extracting(Completion::requestId)
          .containsExactly("one too many");

      ledger.start(job, "run");
      ledger.succeed(job, "run", "42");
      var told = new HashSet<String>();
      int slices = 0;
      for (var slice = ledger.completions(); !slice.isEmpty(); slice = ledger.completions()) {
        assertThat(slice).hasSizeLessThanOrEqualTo(500);
        slice.forEach(completion -> assertThat(told.add(completion.requestId())).isTrue());
        slices++;
        ledger.pass(Duration.ofMillis(20));
      }

      assertThat(told).hasSize(many);
      assertThat(slices).isEqualTo(many / 500);
    }
  }
}
