package dev.millrace.contracts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestHashTest {

  /// Never to be changed: whoever produces by another rule finds nobody.
  @ParameterizedTest
  @CsvSource({
    "00000000, 4, 0",
    "00000001, 4, 1",
    "9f2c41d0, 4, 0",
    "9f2c41d3, 4, 3",
    "7fffffff, 4, 3",
    "80000000, 4, 0",
    "ffffffff, 4, 3",
    "ffffffff, 1, 0",
    "ffffffff, 7, 3",
    "80000000, 12, 8",
    "8192a241, 1024, 577",
    "09a33a2e, 6, 0"
  })
  void the_partition_is_the_first_eight_digits_unsigned(String digits, int of, int partition) {
    assertThat(new RequestHash(digits + "a".repeat(56)).partition(of)).isEqualTo(partition);
  }

  @Test
  void a_job_id_holds_the_first_sixteen_digits() {
    var hash = new RequestHash("9f2c41d0a1b2c3d4" + "0".repeat(48));

    assertThat(JobId.of("simulation", hash, 131)).hasToString("simulation:9f2c41d0a1b2c3d4:131");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "9f2c", "9F2C41D0a1b2c3d49f2c41d0a1b2c3d49f2c41d0a1b2c3d49f2c41d0a1b2c3d4"})
  void anything_else_is_no_hash(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> RequestHash.of(text));
  }
}
