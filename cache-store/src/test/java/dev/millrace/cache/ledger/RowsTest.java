package dev.millrace.cache.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.cache.ledger.Rows.Counters;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RowsTest {

  @Test
  void the_kept_clock_goes_on_and_never_back() {
    var counters = Counters.fresh(0).at(Instant.ofEpochMilli(2_000));

    assertThat(counters.at(Instant.ofEpochMilli(3_000)).clock()).isEqualTo(3_000);
    assertThat(counters.at(Instant.ofEpochMilli(1_000)).clock()).isEqualTo(2_000);
  }
}
