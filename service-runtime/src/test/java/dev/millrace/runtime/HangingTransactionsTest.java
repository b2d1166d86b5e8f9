package dev.millrace.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.runtime.HangingTransactions.Open;
import java.time.Instant;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HangingTransactionsTest {

  private static final TopicPartition PARTITION = new TopicPartition("completions", 0);
  private static final long PRODUCER = 6;
  private static final int EPOCH = 3;

  @ParameterizedTest
  @CsvSource({
    // The coordinator is in an epoch before, of, or behind the one that the partition has open.
    "ONGOING,             named,   false, false, false",
    "ONGOING,             missing, false, false, true",
    "PREPARE_COMMIT,      named,   false, false, false",
    "PREPARE_COMMIT,      missing, false, false, true",
    "PREPARE_ABORT,       named,   false, false, false",
    "PREPARE_ABORT,       missing, false, false, true",
    "PREPARE_EPOCH_FENCE, named,   false, false, false",
    "PREPARE_EPOCH_FENCE, missing, false, false, true",
    "EMPTY,               missing, false, true,  true",
    "COMPLETE_COMMIT,     missing, false, true,  true",
    "COMPLETE_ABORT,      missing, false, true,  true",
    "UNKNOWN,             missing, false, false, false"
  })
  void a_transaction_hangs_when_its_coordinator_is_done_with_it(
      TransactionState state, String partition, boolean before, boolean same, boolean behind) {
    var named = partition.equals("named");

    assertThat(over(state, EPOCH - 1, named)).isEqualTo(before);
    assertThat(over(state, EPOCH, named)).isEqualTo(same);
    assertThat(over(state, EPOCH + 1, named)).isEqualTo(behind);
  }

  private static boolean over(TransactionState state, int epoch, boolean named) {
    var open = new Open(PARTITION, PRODUCER, EPOCH, 41, Instant.EPOCH);
    return HangingTransactions.over(
        open,
        new TransactionDescription(
            1,
            state,
            PRODUCER,
            epoch,
            10_000,
            OptionalLong.empty(),
            named ? Set.of(PARTITION) : Set.of(new TopicPartition("decisions", 2))));
  }
}
