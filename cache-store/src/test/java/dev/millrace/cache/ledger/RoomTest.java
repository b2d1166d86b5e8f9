package dev.millrace.cache.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.cache.eviction.Budget;
import dev.millrace.contracts.Decision;
import dev.millrace.contracts.DecisionKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What a process that takes over knows of the answers it finds.
class RoomTest {

  private static final int ENTRIES = 2_500;
  private static final Duration SLICE = Duration.ofMillis(100);

  private final List<Decision> evictions = new ArrayList<>();

  @Test
  void all_answers_found_are_counted_a_slice_at_a_time() {
    var budget = new Budget(ENTRIES, 10_000_000);
    try (var ledger = new SimulatedLedger(budget, Fault.NONE, this::sent)) {
      for (int i = 0; i < ENTRIES; i++) {
        ledger.put(DryRunTest.warmUp(i));
      }
      ledger.takeOver();
      ledger.put(DryRunTest.warmUp(ENTRIES));
      assertThat(evictions).isEmpty();

      ledger.pass(SLICE);

      assertThat(evictions).hasSize(1);
      assertThat(ledger.rows(Kind.ENTRIES)).hasSize(ENTRIES);
    }
  }

  private void sent(Object output) {
    if (output instanceof Decision decision && decision.decision() == DecisionKind.EVICTED) {
      evictions.add(decision);
    }
  }
}
