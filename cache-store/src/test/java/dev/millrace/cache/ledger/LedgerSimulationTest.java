package dev.millrace.cache.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Many random sequences of what can happen to a ledger, against what is known of it from outside.
/// A sequence follows from its seed alone, on however many threads they run side by side.
///
/// ```
/// -Dmillrace.simulation.sequences=20000   how many
/// -Dmillrace.simulation.seed=7            of the first sequence; the next ones count up
/// -Dmillrace.simulation.shrink=true       planted faults: the fewest operations that show them
/// ```
class LedgerSimulationTest {

  private static final int SEQUENCES = Integer.getInteger("millrace.simulation.sequences", 2_000);
  private static final long SEED = Long.getLong("millrace.simulation.seed", 1);
  private static final boolean SHRINK = Boolean.getBoolean("millrace.simulation.shrink");
  private static final int OPERATIONS = 60;
  private static final int SEQUENCES_PER_FAULT = 200;

  private static int right;
  private static int planted;
  private static int found;

  @Test
  void nothing_the_ledger_does_contradicts_what_is_known_of_it() {
    first(SEQUENCES, null)
        .ifPresent(wrong -> {
          var few = shrunk(wrong.operations(), null);
          fail("seed " + wrong.seed() + ": " + explained(few, wrong.reason()));
        });
    right = SEQUENCES;
  }

  @ParameterizedTest
  @EnumSource(PlantedFault.class)
  void the_simulation_finds_that(PlantedFault fault) {
    planted++;
    var wrong =
        first(SEQUENCES_PER_FAULT, fault)
            .orElseThrow(() ->
                new AssertionError(
                    fault + " was not found in " + SEQUENCES_PER_FAULT + " sequences"));
    found++;
    if (SHRINK) {
      var few = shrunk(wrong.operations(), fault).size();
      System.out.println(
          fault + ", seed " + wrong.seed() + ", " + few + " operations: " + head(wrong.reason()));
    }
  }

  @AfterAll
  static void report() {
    System.out.println(
        "simulation: "
            + right
            + " sequences of "
            + OPERATIONS
            + " operations, "
            + planted
            + " faults planted, "
            + found
            + " found, seed "
            + SEED);
  }

  @Test
  void a_sequence_follows_from_its_seed() {
    var once = new ArrayList<String>();
    var again = new ArrayList<String>();
    Simulation.run(Operation.some(OPERATIONS, new Random(SEED)), Fault.NONE, once::add);
    Simulation.run(Operation.some(OPERATIONS, new Random(SEED)), Fault.NONE, again::add);

    assertThat(once).hasSizeGreaterThan(OPERATIONS).isEqualTo(again);
  }

  @Test
  void a_command_that_comes_again_is_answered_though_the_clock_was_set_back_before_a_takeover() {
    for (var command : List.<Operation>of(new Operation.Cancel(1), new Operation.Invalidate(0))) {
      var operations =
          List.of(
              command,
              new Operation.Pass(5_000, true),
              new Operation.Jump(-60_000),
              new Operation.TakeOver(),
              new Operation.Redeliver(0));

      assertThat(reason(operations, Fault.NONE)).as(command.toString()).isNull();
    }
  }

  /// What is known against a ledger after one sequence.
  private record Wrong(long seed, List<Operation> operations, String reason) {}

  /// The first of so many sequences after which the ledger cannot be right. They run on all
  /// processors, yet it is always the same one.
  private static Optional<Wrong> first(int sequences, @Nullable PlantedFault fault) {
    return LongStream.range(SEED, SEED + sequences)
        .parallel()
        .mapToObj(seed -> {
          var operations = Operation.some(OPERATIONS, new Random(seed));
          var reason = reason(operations, fault == null ? Fault.NONE : fault.plant());
          return Optional.ofNullable(reason).map(why -> new Wrong(seed, operations, why));
        })
        .flatMap(Optional::stream)
        .findFirst();
  }

  /// Why the ledger cannot be right, or null when nothing is known against it.
  private static @Nullable String reason(List<Operation> operations, Fault fault) {
    try {
      Simulation.run(operations, fault, null);
      return null;
    } catch (RuntimeException | Facts.Impossible e) {
      Throwable cause = e;
      while (!(cause instanceof Facts.Impossible) && cause.getCause() != null) {
        cause = cause.getCause();
      }
      return cause instanceof Facts.Impossible ? cause.getMessage() : cause.toString();
    }
  }

  /// The operations without those that the failure does not need: halves, quarters and so on are
  /// left out while it still fails.
  private static List<Operation> shrunk(List<Operation> operations, @Nullable PlantedFault fault) {
    var few = operations;
    boolean smaller = true;
    while (smaller) {
      smaller = false;
      for (int size = Math.max(1, few.size() / 2); size > 0; size /= 2) {
        for (int from = 0; from + size <= few.size(); ) {
          var fewer = new ArrayList<>(few);
          fewer.subList(from, from + size).clear();
          if (reason(fewer, fault == null ? Fault.NONE : fault.plant()) != null) {
            few = fewer;
            smaller = true;
          } else {
            from += size;
          }
        }
      }
    }
    return few;
  }

  private static String explained(List<Operation> operations, String reason) {
    var trace = new ArrayList<String>();
    try {
      Simulation.run(operations, Fault.NONE, trace::add);
    } catch (RuntimeException | Facts.Impossible e) {
      trace.add(String.valueOf(e.getMessage()));
    }
    return reason
        + "\n\nshrunk to "
        + operations.size()
        + " operations:\n"
        + operations.stream().map(Object::toString).collect(Collectors.joining("\n"))
        + "\n\n"
        + String.join("\n", trace);
  }

  private static String head(String reason) {
    return reason.length() > 100 ? reason.substring(0, 100) + " …" : reason;
  }
}
