package dev.millrace.contracts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TimestampsTest {

  @Test
  void every_instant_is_written_and_read_as_java_time_does() {
    var random = new Random(1);
    long from = Instant.parse("0000-01-01T00:00:00Z").getEpochSecond();
    long to = Instant.parse("9999-12-31T23:59:59Z").getEpochSecond();
    for (int n = 0; n < 20_000; n++) {
      var instant = Instant.ofEpochSecond(random.nextLong(from, to), random.nextInt(1_000_000_000));
      var text = Timestamps.write(instant);
      assertThat(text).hasSize(24);
      assertThat(Timestamps.read(text))
          .isEqualTo(Instant.parse(text))
          .isEqualTo(instant.truncatedTo(ChronoUnit.MILLIS));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2026-11-20T09:31:22Z",
        "2026-11-20T09:31:22.498123Z",
        "2026-11-20T24:00:00.000Z",
        "2026-02-28T23:59:60.000Z",
        "+12026-11-20T09:31:22.498Z",
        "-0001-11-20T09:31:22.498Z",
        "2026-11-20T09:31:22.498+01:00",
      })
  void a_text_of_another_form_is_read_as_java_time_does(String text) {
    assertThat(Timestamps.read(text)).isEqualTo(Instant.parse(text));
  }

  @Test
  void an_instant_before_or_after_the_years_of_four_digits_is_written_too() {
    for (var text : new String[] {"+10000-01-01T00:00:00.000Z", "-0001-12-31T23:59:59.999Z"}) {
      assertThat(Timestamps.write(Instant.parse(text))).isEqualTo(text);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "yesterday",
        "2026-11-20",
        "2026-13-20T09:31:22.498Z",
        "2026-02-30T09:31:22.498Z",
        "2026-11-20T25:31:22.498Z",
        "2026-11-20T09:61:22.498Z",
        "2026-11-20T09:31:22,498Z",
        "2026-11-20 09:31:22.498Z",
        "2026-11-2０T09:31:22.498Z",
      })
  void what_is_no_instant_is_refused(String text) {
    assertThatThrownBy(() -> Timestamps.read(text)).isInstanceOf(DateTimeException.class);
  }
}
