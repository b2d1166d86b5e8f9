package dev.millrace.cache.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.cache.eviction.Budget;
import dev.millrace.contracts.Admitted;
import dev.millrace.contracts.CacheMode;
import dev.millrace.contracts.Command;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.Origin;
import dev.millrace.contracts.Policy;
import dev.millrace.contracts.Receipt;
import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.Scope;
import dev.millrace.contracts.Tier;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A dry run over more entries than one slice looks at.
class DryRunTest {

  private static final int ENTRIES = 1_200;
  private static final Duration SLICE = Duration.ofMillis(20);

  private final List<Receipt> receipts = new ArrayList<>();

  @Test
  void it_walks_in_slices_and_begins_anew_in_the_process_that_takes_over() {
    try (var ledger = new SimulatedLedger(new Budget(ENTRIES, 1_000_000), Fault.NONE, this::sent)) {
      for (int i = 0; i < ENTRIES; i++) {
        ledger.put(warmUp(i));
      }
      receipts.clear();
      ledger.put(dryRun("first"));
      ledger.put(dryRun("second"));
      ledger.pass(SLICE);
      assertThat(receipts).isEmpty();
      ledger.takeOver();
      ledger.pass(SLICE);
      ledger.pass(SLICE);
      assertThat(receipts).isEmpty();
      ledger.pass(SLICE);
      assertThat(receipts).extracting(Receipt::commandId).containsExactly("first");
      for (int i = 0; i < 4; i++) {
        ledger.pass(SLICE);
      }
      assertThat(receipts).extracting(Receipt::commandId).containsExactly("first", "second");
      assertThat(receipts).extracting(Receipt::found).containsOnly((long) ENTRIES / 2);
    }
  }

  private void sent(Object output) {
    if (output instanceof Receipt receipt) {
      receipts.add(receipt);
    }
  }

  private static Command dryRun(String id) {
    return new Command.Invalidate(null, null, "half:0", null, null, null, true)
        .admitted(id, new Origin("commands", 0, 0));
  }

  /// An answer given by an operator.
  static Command warmUp(int number) {
    var request =
        new Admitted(
            "simulation",
            RequestHash.of("%064x".formatted(number)),
            Tier.FREE,
            "warm-up-" + number,
            null,
            null,
            null,
            Scope.GLOBAL,
            CacheMode.DEFAULT,
            null,
            null,
            List.of("half:" + number % 2),
            null,
            null,
            null,
            null,
            new Origin("commands", 0, number),
            new Policy(null, 0, 1, List.of(), 60_000, false, 50, null),
            null,
            null,
            null,
            Json.MAPPER.createObjectNode());
    var warm = new Command.WarmUp.Warm(request, Json.MAPPER.createObjectNode());
    return new Command.WarmUp(null, null, null, List.of(warm))
        .admitted("warm-up-" + number, request.origin());
  }
}
