package dev.millrace.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class AttemptsTest {

  private final AtomicLong now = new AtomicLong(-7);
  private final Attempts attempts = new Attempts(now::get);

  @Test
  void what_does_not_help_is_tried_less_and_less_often() {
    var seconds = new ArrayList<Long>();
    for (long second = 0; second <= 4000; second += 5) {
      if (attempts.begin("id")) {
        seconds.add(second);
      }
      now.addAndGet(Duration.ofSeconds(5).toNanos());
    }

    assertThat(seconds)
        .isEqualTo(List.of(0L, 15L, 45L, 105L, 225L, 465L, 945L, 1845L, 2745L, 3645L));
  }

  @Test
  void one_does_not_wait_for_another() {
    assertThat(attempts.begin("id")).isTrue();
    assertThat(attempts.begin("another")).isTrue();
  }

  @Test
  void what_helped_and_is_needed_again_is_tried_at_once() {
    assertThat(attempts.begin("id")).isTrue();
    attempts.retain(Set.of("id"));
    assertThat(attempts.begin("id")).isFalse();

    attempts.retain(Set.of());

    assertThat(attempts.begin("id")).isTrue();
  }
}
