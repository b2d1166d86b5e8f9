package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.contracts.Completion;
import dev.millrace.contracts.Decision;
import dev.millrace.contracts.DecisionKind;
import dev.millrace.contracts.HeaderNames;
import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.Source;
import dev.millrace.contracts.Status;
import dev.millrace.contracts.Tier;
import dev.millrace.contracts.Topics;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DemoTallyTest {

  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
  private static final Topics TOPICS = new Topics(Topics.DEFAULT_PREFIX);

  private final List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
  private long offset;

  @Test
  void every_request_is_counted_by_how_it_ended() {
    requests(6);
    completion("1", Status.COMPLETED, Source.COMPUTED, "a", 400, 0);
    completion("2", Status.COMPLETED, Source.JOINED, "a", 0, 300);
    completion("3", Status.COMPLETED, Source.CACHED, "a", 0, 400);
    completion("4", Status.FAILED, null, "b", 0, 0);
    completion("5", Status.CANCELLED, null, "c", 0, 0);
    rejection("0");
    succeeded("a");

    var tally = DemoTally.count(TOPICS, records, 1_000);

    assertThat(tally).isEqualTo(new DemoTally(6, 3, 1, 1, 1, 1, 1, 0, 1, 1, 1, 400, 700, 1_000));
    assertThat(tally.problems()).isEmpty();
  }

  @Test
  void repeats_of_completions_and_rejections_count_once() {
    requests(2);
    completion("1", Status.COMPLETED, Source.COMPUTED, "a", 400, 0);
    repeat("1", "a");
    rejection("7");
    rejection("7");
    succeeded("a");

    var tally = DemoTally.count(TOPICS, records, 0);

    assertThat(tally.completed()).isEqualTo(1);
    assertThat(tally.rejected()).isEqualTo(1);
    assertThat(tally.problems()).isEmpty();
  }

  @Test
  void a_rejected_command_is_not_a_rejected_request() {
    rejection(TOPICS.commands().name(), "0");

    assertThat(DemoTally.count(TOPICS, records, 0).rejected()).isZero();
  }

  @Test
  void what_does_not_add_up_is_told() {
    requests(2);
    completion("1", Status.COMPLETED, Source.COMPUTED, "a", 1, 0);
    succeeded("a");
    succeeded("a");

    assertThat(DemoTally.count(TOPICS, records, 0).problems())
        .containsExactly(
            "2 requests, but 1 ends", "1 different questions answered, but 2 runs accepted");
  }

  private void requests(int count) {
    for (int i = 0; i < count; i++) {
      add(TOPICS.requests(Tier.PRO).name(), "{}".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
  }

  private void completion(
      String id, Status status, @Nullable Source source, String hash, long runMs, long savedMs) {
    completion(id, status, source, hash, runMs, savedMs, false);
  }

  private void repeat(String id, String hash) {
    completion(id, Status.COMPLETED, Source.COMPUTED, hash, 400, 0, true);
  }

  private void completion(
      String id,
      Status status,
      @Nullable Source source,
      String hash,
      long runMs,
      long savedMs,
      boolean repeat) {
    var completion =
        new Completion(
            status,
            source,
            id,
            "org",
            null,
            null,
            hash(hash),
            "simulation",
            Tier.PRO,
            1,
            5,
            runMs,
            savedMs,
            null,
            null,
            null,
            null,
            null,
            repeat,
            NOON);
    add(TOPICS.completions().name(), TOPICS.completions().serde().write(completion));
  }

  private void succeeded(String hash) {
    var decision =
        new Decision(
            DecisionKind.SUCCEEDED,
            null,
            null,
            hash(hash),
            null,
            1L,
            "run",
            null,
            null,
            1,
            null,
            0L,
            null,
            null,
            0,
            1,
            "t-0-0",
            NOON);
    add(TOPICS.decisions().name(), TOPICS.decisions().serde().write(decision));
  }

  private void rejection(String offsetOfRequest) {
    rejection(TOPICS.requests(Tier.FREE).name(), offsetOfRequest);
  }

  private void rejection(String topic, String offsetOfRecord) {
    var record = add(TOPICS.rejected().name(), new byte[0]);
    HeaderNames.put(record.headers(), HeaderNames.ERROR_TOPIC, topic);
    HeaderNames.put(record.headers(), HeaderNames.ERROR_PARTITION, 0);
    HeaderNames.put(record.headers(), HeaderNames.ERROR_OFFSET, offsetOfRecord);
  }

  private ConsumerRecord<byte[], byte[]> add(String topic, byte[] value) {
    var record = new ConsumerRecord<byte[], byte[]>(topic, 0, offset++, null, value);
    records.add(record);
    return record;
  }

  private static RequestHash hash(String digit) {
    return RequestHash.of(digit.repeat(64));
  }
}
