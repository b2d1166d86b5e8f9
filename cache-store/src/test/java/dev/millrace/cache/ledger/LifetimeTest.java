package dev.millrace.cache.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.contracts.Policy.Caching;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LifetimeTest {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Caching BOUNDS = bounds(1_000, 60_000);

  @ParameterizedTest
  @CsvSource({"5000, 5000", "1, 1000", "70000, 60000", ", 60000"})
  void the_first_answer_lasts_as_its_type_says_within_the_bounds(@Nullable Long first, long ms) {
    assertThat(Lifetime.of(null, BOUNDS, first, "a", NOW).ttlMs()).isEqualTo(ms);
  }

  @ParameterizedTest
  @CsvSource({
    "4000, a, 8000", // the same
    "4000, b, 2000", // another
    "4000,  , 2000", // nobody can tell
    "60000, a, 60000",
    "40000, a, 60000",
    "1500, b, 1000",
    "1000, b, 1000"
  })
  void the_next_lasts_twice_or_half_as_long_within_the_bounds(
      long before, @Nullable String says, long ms) {
    var last = new Lifetime(before, NOW, "a", NOW.plusSeconds(1_000));

    var next = Lifetime.of(last, BOUNDS, 5_000L, says, NOW.plusMillis(before));

    assertThat(next.ttlMs()).isEqualTo(ms);
    assertThat(next.since()).isEqualTo(NOW.plusMillis(before));
    assertThat(next.resultSha256()).isEqualTo(says);
  }

  @Test
  void that_an_answer_is_the_same_a_moment_later_means_nothing_and_that_it_is_another_does() {
    var last = Lifetime.of(null, BOUNDS, 5_000L, "a", NOW);

    assertThat(next(last, "a", 2_499).ttlMs()).isEqualTo(5_000);
    assertThat(next(last, "a", 2_500).ttlMs()).isEqualTo(10_000);
    assertThat(next(last, "b", 1).ttlMs()).isEqualTo(2_500);
  }

  @Test
  void it_is_remembered_beyond_the_answer_for_as_long_as_the_longest_ttl() {
    var last = Lifetime.of(null, BOUNDS, 5_000L, "a", NOW);

    assertThat(last.forgottenAt()).isEqualTo(NOW.plusMillis(65_000));
    assertThat(next(last, "a", 64_999).ttlMs()).isEqualTo(10_000);
    assertThat(next(last, "a", 65_000).ttlMs()).isEqualTo(5_000);
  }

  @Test
  void no_history_leaves_the_bounds() {
    var random = new Random(7);
    Lifetime last = null;
    var now = NOW;
    for (int i = 0; i < 10_000; i++) {
      last = Lifetime.of(last, BOUNDS, 5_000L, random.nextBoolean() ? "a" : "b", now);
      assertThat(last.ttlMs()).isBetween(1_000L, 60_000L);
      now = now.plus(Duration.ofMillis(random.nextInt(130_000)));
    }
  }

  private static Lifetime next(Lifetime last, String says, long msLater) {
    return Lifetime.of(last, BOUNDS, 5_000L, says, NOW.plusMillis(msLater));
  }

  private static Caching bounds(long least, long most) {
    return new Caching(null, null, least, most, null, null, null);
  }
}
