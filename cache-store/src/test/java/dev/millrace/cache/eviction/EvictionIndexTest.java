package dev.millrace.cache.eviction;

import static dev.millrace.cache.eviction.Budget.Limit.BYTES;
import static dev.millrace.cache.eviction.Budget.Limit.ENTRIES;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.cache.eviction.EvictionIndex.Victim;
import dev.millrace.contracts.RequestHash;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class EvictionIndexTest {

  private static final int SEQUENCES = 100;
  private static final int OPERATIONS = 400;
  private static final int KEYS = 60;
  private static final int UNLIMITED = Integer.MAX_VALUE;

  /// What must hold of every policy, after every step.
  @ParameterizedTest
  @EnumSource
  void the_budget_is_kept_victims_were_members_and_sums_are_right(EvictionPolicy policy) {
    for (int seed = 0; seed < SEQUENCES; seed++) {
      var random = new SplittableRandom(seed);
      var budget = new Budget(random.nextInt(1, 40), random.nextInt(500, 5_000));
      var index = new EvictionIndex(policy, budget, random);
      var held = new HashMap<RequestHash, Long>();
      for (int i = 0; i < OPERATIONS; i++) {
        var hash = hash(random.nextInt(KEYS));
        switch (random.nextInt(4)) {
          case 0, 1 -> {
            long bytes = random.nextInt(1, 500);
            held.remove(hash);
            for (var victim : index.put(hash, bytes, random.nextInt(1_000), UNLIMITED)) {
              assertThat(held.remove(victim.hash())).as("seed %d step %d", seed, i).isNotNull();
            }
            held.put(hash, bytes);
          }
          case 2 -> index.hit(hash);
          default -> {
            index.remove(hash);
            held.remove(hash);
          }
        }
        assertThat(index.entries()).as("seed %d step %d", seed, i).isEqualTo(held.size());
        assertThat(index.bytes()).isEqualTo(held.values().stream().mapToLong(n -> n).sum());
        assertThat(budget.exceeded(index.entries(), index.bytes())).isNull();
        assertThat(index.contains(hash)).isEqualTo(held.containsKey(hash));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "RANDOM")
  void the_victims_are_those_a_naive_cache_finds(EvictionPolicy policy) {
    for (int seed = 0; seed < SEQUENCES; seed++) {
      var random = new SplittableRandom(seed);
      var budget = new Budget(random.nextInt(1, 40), random.nextInt(500, 5_000));
      var index = new EvictionIndex(policy, budget, random);
      var naive = new NaiveCache(policy, budget);
      for (int i = 0; i < OPERATIONS; i++) {
        var hash = hash(random.nextInt(KEYS));
        switch (random.nextInt(6)) {
          case 0, 1 -> {
            long bytes = random.nextInt(1, 500);
            long costMs = random.nextInt(1, 1_000);
            assertThat(index.put(hash, bytes, costMs, UNLIMITED))
                .as("seed %d step %d", seed, i)
                .extracting(Victim::hash)
                .containsExactlyElementsOf(naive.put(hash, bytes, costMs));
          }
          case 2 -> {
            index.remove(hash);
            naive.remove(hash);
          }
          default -> {
            index.hit(hash);
            naive.hit(hash);
          }
        }
      }
    }
  }

  /// Old and new alike: one of ten goes for each newcomer, whichever place it came in.
  @Test
  void a_random_victim_is_each_member_equally_often() {
    int members = 10;
    int rounds = 100_000;
    var random = new SplittableRandom(1);
    var index = new EvictionIndex(EvictionPolicy.RANDOM, new Budget(members, UNLIMITED), random);
    var storedIn = new HashMap<RequestHash, Integer>();
    var goneAtAge = new int[40];
    for (int i = 0; i < rounds; i++) {
      storedIn.put(hash(i), i);
      for (var victim : index.put(hash(i), 1, 1, UNLIMITED)) {
        int age = i - storedIn.remove(victim.hash());
        goneAtAge[Math.min(age, goneAtAge.length - 1)]++;
      }
    }
    // Of those that reach an age, a tenth goes at it.
    int reached = rounds;
    for (int age = 1; age < 20; age++) {
      assertThat((double) goneAtAge[age] / reached).as("age %d", age).isBetween(0.09, 0.11);
      reached -= goneAtAge[age];
    }
  }

  @Test
  void what_is_dear_stays_longer_than_what_is_large_or_cheap() {
    var index =
        new EvictionIndex(
            EvictionPolicy.COST_AWARE, new Budget(3, UNLIMITED), new SplittableRandom(1));
    index.put(hash(1), 100, 60_000, UNLIMITED);
    index.put(hash(2), 100, 10, UNLIMITED);
    index.put(hash(3), 100_000, 60_000, UNLIMITED);

    assertThat(index.put(hash(4), 100, 1_000, UNLIMITED))
        .containsExactly(new Victim(hash(2), ENTRIES));
    assertThat(index.put(hash(5), 100, 1_000, UNLIMITED))
        .containsExactly(new Victim(hash(3), ENTRIES));
  }

  @Test
  void a_victim_tells_which_limit_it_went_for() {
    var index = new EvictionIndex(EvictionPolicy.LRU, new Budget(2, 100), new SplittableRandom(1));
    index.put(hash(1), 10, 1, UNLIMITED);
    index.put(hash(2), 80, 1, UNLIMITED);

    assertThat(index.put(hash(3), 20, 1, UNLIMITED))
        .containsExactly(new Victim(hash(1), ENTRIES))
        .doesNotContain(new Victim(hash(2), BYTES));
    assertThat(index.put(hash(4), 90, 1, UNLIMITED))
        .containsExactly(new Victim(hash(2), ENTRIES), new Victim(hash(3), BYTES));
  }

  @Test
  void work_is_bounded_and_the_rest_can_be_done_later() {
    var index =
        new EvictionIndex(EvictionPolicy.FIFO, new Budget(100, 100), new SplittableRandom(1));
    for (int i = 0; i < 10; i++) {
      index.put(hash(i), 10, 1, UNLIMITED);
    }

    assertThat(index.put(hash(10), 100, 1, 4)).hasSize(4);
    assertThat(index.bytes()).isEqualTo(160);
    assertThat(index.trim(4)).hasSize(4);
    assertThat(index.trim(4)).extracting(Victim::hash).containsExactly(hash(8), hash(9));
    assertThat(index.trim(4)).isEmpty();
    assertThat(index.contains(hash(10))).isTrue();
  }

  @Test
  void an_answer_takes_about_a_hundred_bytes() {
    int entries = 200_000;
    var index =
        new EvictionIndex(
            EvictionPolicy.COST_AWARE,
            new Budget(entries, Long.MAX_VALUE),
            new SplittableRandom(1));
    long before = heapInUse();
    for (int i = 0; i < entries; i++) {
      index.put(hash(i), 1_000, 1_000, UNLIMITED);
    }
    long perEntry = (heapInUse() - before) / entries;

    assertThat(index.entries()).isEqualTo(entries);
    assertThat(perEntry).isLessThan(130);
  }

  private static long heapInUse() {
    System.gc();
    var runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private static RequestHash hash(int number) {
    var random = new SplittableRandom(number);
    var hex = new StringBuilder("00000000");
    var digits = HexFormat.of();
    hex.append(digits.toHexDigits(random.nextInt()));
    for (int i = 0; i < 3; i++) {
      hex.append(digits.toHexDigits(random.nextLong()));
    }
    return RequestHash.of(hex.toString());
  }
}
