package dev.millrace.workers.attempts;

import static dev.millrace.workers.Jobs.aJob;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.contracts.Progress;
import dev.millrace.contracts.Status;
import dev.millrace.workers.HandMovedTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class RunProgressTest {

  private final HandMovedTime time = new HandMovedTime();
  private final List<Progress> sent = new ArrayList<>();
  private final RunProgress progress =
      new RunProgress(
          aJob().build(),
          "r-1",
          update -> {
            sent.add(update);
            return CompletableFuture.completedFuture(null);
          },
          time,
          time::nanos,
          Duration.ofMillis(200).toNanos());

  @Test
  void the_first_record_comes_at_once_and_says_that_the_run_goes_on() {
    progress.begin();

    assertThat(sent).hasSize(1);
    assertThat(sent.getFirst().status()).isEqualTo(Status.PROCESSING);
    assertThat(sent.getFirst().progress()).isZero();
    assertThat(sent.getFirst().sequence()).isEqualTo(1);
    assertThat(sent.getFirst().etaMs()).isNull();
  }

  @Test
  void at_most_one_record_an_interval_and_always_the_last_word() {
    progress.begin();
    for (int i = 1; i <= 100; i++) {
      progress.items(i, 1_000, "item " + i);
      time.pass(Duration.ofMillis(1));
    }
    assertThat(sent).hasSize(1);

    time.pass(Duration.ofMillis(100));
    progress.flushDue();
    assertThat(sent).hasSize(2);
    assertThat(sent.getLast().processedItems()).isEqualTo(100);

    progress.items(101, 1_000, "item 101");
    assertThat(sent).hasSize(2);
    assertThat(progress.finish()).isCompleted();
    assertThat(sent.getLast().message()).isEqualTo("item 101");
    assertThat(sent).extracting(Progress::sequence).containsExactly(1L, 2L, 3L);
  }

  @Test
  void nothing_is_sent_twice_or_after_the_end() {
    progress.begin();
    time.pass(Duration.ofSeconds(1));
    progress.flushDue();
    assertThat(progress.finish()).isCompleted();
    progress.percent(90, "late");
    time.pass(Duration.ofSeconds(1));
    progress.flushDue();

    assertThat(sent).hasSize(1);
  }

  @Test
  void progress_never_falls() {
    for (double percent : new double[] {50, 30, Double.NaN, -1, 200, 70}) {
      progress.percent(percent, null);
      time.pass(Duration.ofSeconds(1));
    }

    assertThat(sent).extracting(Progress::progress).containsExactly(50, 50, 50, 100, 100);
  }

  @Test
  void the_time_left_follows_the_recent_rate() {
    progress.begin();
    for (int i = 1; i <= 50; i++) {
      time.pass(Duration.ofMillis(100));
      progress.items(i, 100, null);
    }
    assertThat(sent.getLast().etaMs()).isBetween(4_900L, 5_300L);

    for (int i = 51; i <= 75; i++) {
      time.pass(Duration.ofSeconds(1));
      progress.items(i, 100, null);
    }
    assertThat(sent.getLast().etaMs()).isBetween(20_000L, 26_000L);
  }
}
