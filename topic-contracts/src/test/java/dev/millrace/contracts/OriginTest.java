package dev.millrace.contracts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OriginTest {

  @ParameterizedTest
  @ValueSource(strings = {"Xy7_QpZS4mb1vG2kY9tA", "-Xy-7_QpZS4m--b1vG2kY9tA-", "-", "a-1-2"})
  void a_topic_id_may_hold_hyphens(String topicId) {
    var origin = new Origin(topicId, 3, 9_007_199_254_740_993L);

    assertThat(Origin.parse(origin.toString())).isEqualTo(origin);
  }

  @Test
  void it_reads_as_topic_id_partition_offset() {
    assertThat(new Origin("Xy-7", 3, 41)).hasToString("Xy-7-3-41");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-", "--", "x", "3-41", "x-3", "x-3-", "x-a-1", "x-1-b"})
  void anything_else_is_no_origin(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> Origin.parse(text));
  }
}
