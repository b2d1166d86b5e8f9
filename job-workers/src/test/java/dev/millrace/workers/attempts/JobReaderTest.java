package dev.millrace.workers.attempts;

import static dev.millrace.workers.Jobs.PARTITIONS;
import static dev.millrace.workers.Jobs.aJob;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.contracts.Tier;
import dev.millrace.contracts.Topics;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JobReaderTest {

  private static final Topics TOPICS = new Topics("");

  private final JobReader reader = new JobReader(TOPICS.lane(Tier.PRO), PARTITIONS);

  @Test
  void a_job_is_read_as_it_was_written() {
    var job = aJob().build();

    assertThat(reader.read(record(TOPICS.lane(Tier.PRO).serde().write(job)))).isEqualTo(job);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "null", "{}", "[]", "{\"type\":\"test\"}", "nonsense", "\"text\""})
  void what_is_no_job_is_refused(String value) {
    assertThatThrownBy(() -> reader.read(record(value.getBytes(StandardCharsets.UTF_8))))
        .isInstanceOf(SerializationException.class);
  }

  @Test
  void a_job_of_another_partition_count_is_refused() {
    var elsewhere = new JobReader(TOPICS.lane(Tier.PRO), 3);
    var value = TOPICS.lane(Tier.PRO).serde().write(aJob().number(3).build());

    assertThatThrownBy(() -> elsewhere.read(record(value)))
        .isInstanceOf(SerializationException.class)
        .hasMessageContaining("partition 3");
  }

  private static ConsumerRecord<byte[], byte[]> record(byte[] value) {
    return new ConsumerRecord<>("jobs.pro", 0, 0, null, value);
  }
}
