package dev.millrace.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.Record;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GroupCommitTest {

  private static final Duration LONG = Duration.ofMillis(100);

  private long nanos = 1_000_000_000;
  private final GroupCommit group = new GroupCommit(() -> this.nanos);
  private final MockProcessorContext<byte[], byte[]> context = new MockProcessorContext<>();
  private final Processor<byte[], byte[], byte[], byte[]> processor =
      group.around(() -> record -> {}).get();

  @BeforeEach
  void start() {
    processor.init(context);
  }

  @Test
  void what_was_written_is_committed_when_all_that_was_polled_is_processed() {
    pass(LONG);
    process();
    process();
    assertThat(context.committed()).isFalse();
    assertThat(group.polling(LONG)).isZero();
    assertThat(context.committed()).isTrue();
  }

  @Test
  void a_thread_that_wrote_nothing_commits_nothing() {
    assertThat(group.polling(LONG)).isEqualTo(LONG);
    assertThat(context.committed()).isFalse();
  }

  @Test
  void after_a_commit_records_gather_for_as_long_as_it_took() {
    commit(Duration.ofMillis(18));
    process();
    pass(Duration.ofMillis(5));
    assertThat(group.polling(LONG)).isEqualTo(Duration.ofMillis(13));
    assertThat(context.committed()).isFalse();

    pass(Duration.ofMillis(13));
    assertThat(group.polling(LONG)).isZero();
    assertThat(context.committed()).isTrue();
  }

  @Test
  void after_a_quick_commit_they_gather_for_ten_milliseconds() {
    commit(Duration.ofMillis(2));
    process();
    assertThat(group.polling(LONG)).isEqualTo(Duration.ofMillis(10));
  }

  @Test
  void a_poll_is_never_longer_than_it_was_meant_to_be() {
    commit(Duration.ofSeconds(1));
    process();
    assertThat(group.polling(LONG)).isEqualTo(LONG);
  }

  @Test
  void what_a_commit_of_another_cause_took_along_asks_for_none_of_its_own() {
    process();
    commit(Duration.ofMillis(8));
    pass(LONG);
    assertThat(group.polling(LONG)).isEqualTo(LONG);
    assertThat(context.committed()).isFalse();
  }

  @Test
  void a_commit_that_fails_is_not_asked_for_over_and_over() {
    process();
    pass(LONG);
    assertThat(group.polling(LONG)).isZero();
    assertThat(group.polling(LONG)).isEqualTo(LONG);
  }

  private void process() {
    processor.process(new Record<>(new byte[0], new byte[0], 0));
    group.wrote();
  }

  private void commit(Duration took) {
    long begun = nanos;
    pass(took);
    group.committed(begun);
    context.resetCommit();
  }

  private void pass(Duration time) {
    nanos += time.toNanos();
  }
}
