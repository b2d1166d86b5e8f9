package dev.millrace.workers.retries;

import static dev.millrace.workers.Jobs.aJob;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.contracts.Outcome;
import dev.millrace.contracts.RetryDelay;
import dev.millrace.contracts.Topics;
import dev.millrace.workers.HandMovedTime;
import dev.millrace.workers.Jobs;
import dev.millrace.workers.RecordingReports;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RetryRelayTest {

  private static final Topics TOPICS = new Topics("");
  private static final String TOPIC = TOPICS.retry(RetryDelay.SECOND).name();
  private static final TopicPartition PARTITION = new TopicPartition(TOPIC, 0);

  private final HandMovedTime time = new HandMovedTime();
  private final RecordingReports reports = new RecordingReports();
  private final List<ConsumerRecord<byte[], byte[]>> rejected = new ArrayList<>();
  private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");
  private final RetryRelay relay =
      new RetryRelay(
          () -> consumer,
          TOPICS,
          Jobs.PARTITIONS,
          reports,
          (record, _) -> rejected.add(record),
          time.resources());

  @BeforeEach
  void join() {
    relay.subscribe(consumer);
    consumer.rebalance(List.of(PARTITION));
    consumer.updateBeginningOffsets(Map.of(PARTITION, 0L));
  }

  @Test
  void a_job_is_due_after_the_delay_and_committed_then() {
    fetch(0, TOPICS.retry(RetryDelay.SECOND).serde().write(aJob().build()));

    relay.runOnce(consumer);
    assertThat(consumer.paused()).containsExactly(PARTITION);
    time.pass(Duration.ofMillis(999));
    relay.runOnce(consumer);
    assertThat(reports.all()).isEmpty();
    assertThat(committed()).isNull();

    time.pass(Duration.ofMillis(1));
    assertThat(relay.runOnce(consumer)).isEqualTo(1);
    assertThat(reports.all(Outcome.Due.class))
        .singleElement()
        .matches(due -> due.epoch() == 131 && due.jobId().equals(aJob().build().jobId()));
    assertThat(committed()).isEqualTo(new OffsetAndMetadata(1));
    assertThat(consumer.paused()).isEmpty();
  }

  @Test
  void what_is_not_on_the_broker_is_not_committed_and_told_again() {
    reports.fail(Outcome.Due.class::isInstance);
    fetch(0, TOPICS.retry(RetryDelay.SECOND).serde().write(aJob().build()));
    relay.runOnce(consumer);
    time.pass(Duration.ofSeconds(1));

    relay.runOnce(consumer);
    assertThat(committed()).isNull();
    assertThat(consumer.position(PARTITION)).isZero();

    reports.fail(_ -> false);
    fetch(0, TOPICS.retry(RetryDelay.SECOND).serde().write(aJob().build()));
    relay.runOnce(consumer);
    time.pass(Duration.ofSeconds(1));
    relay.runOnce(consumer);
    assertThat(reports.all(Outcome.Due.class)).hasSize(2);
    assertThat(committed()).isEqualTo(new OffsetAndMetadata(1));
  }

  @Test
  void a_bad_record_is_kept_and_stops_nobody() {
    fetch(0, "nonsense".getBytes(StandardCharsets.UTF_8));
    fetch(1, TOPICS.retry(RetryDelay.SECOND).serde().write(aJob().build()));
    relay.runOnce(consumer);
    time.pass(Duration.ofSeconds(1));
    relay.runOnce(consumer);

    assertThat(rejected).hasSize(1);
    assertThat(reports.all(Outcome.Due.class)).hasSize(1);
    assertThat(committed()).isEqualTo(new OffsetAndMetadata(2));
  }

  private void fetch(long offset, byte[] value) {
    consumer.addRecord(
        new ConsumerRecord<>(
            TOPIC,
            0,
            offset,
            time.instant().toEpochMilli(),
            TimestampType.LOG_APPEND_TIME,
            0,
            value.length,
            null,
            value,
            new RecordHeaders(),
            Optional.empty()));
  }

  private @org.jspecify.annotations.Nullable OffsetAndMetadata committed() {
    return consumer.committed(Set.of(PARTITION)).get(PARTITION);
  }
}
