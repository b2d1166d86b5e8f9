package dev.millrace.workers.retries;

import static dev.millrace.workers.Jobs.aJob;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.contracts.RetryDelay;
import dev.millrace.workers.HandMovedTime;
import dev.millrace.workers.retries.Backlog.Delayed;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class BacklogTest {

  private static final Instant APPENDED = Instant.parse("2026-11-20T09:00:00Z");
  private static final TopicPartition ONE = new TopicPartition("retry", 1);
  private static final TopicPartition TWO = new TopicPartition("retry", 2);

  private final HandMovedTime time = new HandMovedTime();
  private final Backlog backlog = new Backlog();

  @Test
  void a_job_waits_until_its_own_time() {
    var sooner = APPENDED.plusMillis(400);
    var aLittleLater = APPENDED.plusMillis(1_020);

    assertThat(Backlog.due(aJob().notBefore(sooner).build(), RetryDelay.SECOND, APPENDED))
        .isEqualTo(sooner);
    assertThat(Backlog.due(aJob().notBefore(aLittleLater).build(), RetryDelay.SECOND, APPENDED))
        .isEqualTo(aLittleLater);
  }

  @Test
  void a_job_waits_no_longer_than_its_topic_delays() {
    var job = aJob().notBefore(APPENDED.plusSeconds(300)).build();

    assertThat(Backlog.due(job, RetryDelay.MINUTE, APPENDED)).isEqualTo(APPENDED.plusSeconds(60));
    assertThat(Backlog.due(aJob().build(), RetryDelay.TEN_SECONDS, APPENDED))
        .isEqualTo(APPENDED.plusSeconds(10));
  }

  @Test
  void heads_come_out_when_due_and_never_early() {
    add(ONE, 10, Duration.ofSeconds(1));
    add(ONE, 11, Duration.ofMillis(1_500));
    add(TWO, 7, Duration.ofMillis(1_200));

    time.pass(Duration.ofMillis(999));
    assertThat(takeDue()).isEmpty();
    assertThat(untilNext()).isEqualTo(Duration.ofMillis(1));
    time.pass(Duration.ofMillis(1));
    assertThat(takeDue()).extracting(Delayed::offset).containsExactly(10L);
    time.pass(Duration.ofMillis(500));
    assertThat(takeDue()).extracting(Delayed::offset).containsExactlyInAnyOrder(11L, 7L);
    assertThat(backlog.waitsIn(ONE)).isFalse();
    assertThat(untilNext()).isEqualTo(Duration.ofMillis(500));
  }

  @Test
  void a_clock_set_forward_brings_nothing_back_early() {
    add(ONE, 10, Duration.ofSeconds(10));

    time.setClock(Duration.ofHours(1));
    time.pass(Duration.ofMillis(9_999));
    assertThat(takeDue()).isEmpty();

    time.pass(Duration.ofMillis(1));
    assertThat(takeDue()).hasSize(1);
  }

  @Test
  void a_clock_set_back_delays_by_as_much() {
    add(ONE, 10, Duration.ofSeconds(10));

    time.setClock(Duration.ofHours(-1));
    time.pass(Duration.ofSeconds(10));
    assertThat(takeDue()).isEmpty();

    time.pass(Duration.ofHours(1));
    assertThat(takeDue()).hasSize(1);
  }

  @Test
  void a_partition_that_moves_away_is_forgotten() {
    add(ONE, 10, Duration.ofSeconds(1));
    add(TWO, 3, Duration.ofSeconds(1));

    backlog.forget(List.of(ONE));
    time.pass(Duration.ofSeconds(1));

    assertThat(takeDue()).extracting(Delayed::partition).containsExactly(TWO);
  }

  private void add(TopicPartition partition, long offset, Duration in) {
    backlog.add(
        new Delayed(
            partition,
            offset,
            aJob().build(),
            time.instant().plus(in),
            time.nanos() + in.toNanos()));
  }

  private List<Delayed> takeDue() {
    return backlog.takeDue(time.instant(), time.nanos());
  }

  private Duration untilNext() {
    return backlog.untilNext(time.instant(), time.nanos(), Duration.ofMillis(500));
  }
}
