package dev.millrace.cache.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.cache.ledger.Flight.Asked;
import dev.millrace.contracts.Policy;
import dev.millrace.contracts.Policy.Caching;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class KeepingTest {

  private static final Keeping.Brought PLAIN =
      new Keeping.Brought(Optional.empty(), 1_000, () -> 1_000);

  @Test
  void an_answer_that_is_dear_enough_is_kept() {
    assertThat(Keeping.refusal(asked(50, null), 50, PLAIN)).isEmpty();
    assertThat(Keeping.refusal(asked(0, null), 0, PLAIN)).isEmpty();
  }

  @Test
  void an_answer_that_is_cheap_to_compute_again_is_not() {
    assertThat(Keeping.refusal(asked(49, null), 50, PLAIN))
        .contains("its cost score is 49, and cache.threshold 50");
  }

  @Test
  void an_answer_that_nobody_wants_kept_is_not() {
    assertThat(
            Keeping.refusal(
                new Asked("t", policy(90, null), 1, List.of(), false, 1L, null), 0, PLAIN))
        .contains("every waiter bypasses the cache");
  }

  @Test
  void only_confident_answers_are_kept_where_confidence_counts() {
    var asked = asked(50, new Caching(null, null, null, null, 0.8, null, null));

    assertThat(Keeping.refusal(asked, 50, confident(0.8))).isEmpty();
    assertThat(Keeping.refusal(asked, 50, confident(0.79)))
        .contains("its confidence is 0.79, and at least 0.8 is kept");
    assertThat(Keeping.refusal(asked, 50, PLAIN))
        .contains("its confidence is not given, and at least 0.8 is kept");
  }

  @Test
  void answers_and_questions_that_are_too_long_are_not_kept() {
    assertThat(Keeping.refusal(asked(50, longest(null, 1_000L)), 50, PLAIN)).isEmpty();
    assertThat(Keeping.refusal(asked(50, longest(null, 999L)), 50, PLAIN))
        .contains("it has 1000 bytes, and at most 999 are kept");
    assertThat(Keeping.refusal(asked(50, longest(1_000, null)), 50, PLAIN)).isEmpty();
    assertThat(Keeping.refusal(asked(50, longest(999, null)), 50, PLAIN))
        .contains("its question has 1000 bytes, and at most 999 are kept");
  }

  @Test
  void how_long_the_question_is_is_only_asked_where_it_counts() {
    var brought =
        new Keeping.Brought(
            Optional.empty(),
            1_000,
            () -> {
              throw new AssertionError("asked");
            });

    assertThat(Keeping.refusal(asked(50, longest(null, 2_000L)), 50, brought)).isEmpty();
  }

  private static Keeping.Brought confident(double confidence) {
    return new Keeping.Brought(Optional.of(confidence), 1_000, () -> 1_000);
  }

  private static Caching longest(@Nullable Integer inputBytes, @Nullable Long resultBytes) {
    return new Caching(null, null, null, null, null, inputBytes, resultBytes);
  }

  private static Asked asked(int costScore, @Nullable Caching caching) {
    return new Asked("t", policy(costScore, caching), 1, List.of(), true, 1L, null);
  }

  private static Policy policy(int costScore, @Nullable Caching caching) {
    return new Policy(1L, 0, 1, List.of(), 1, false, costScore, caching);
  }
}
