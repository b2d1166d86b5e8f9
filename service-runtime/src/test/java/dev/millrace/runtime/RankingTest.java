package dev.millrace.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.contracts.Tier;
import java.util.EnumMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

/// Plays the one rule of a Streams task: the head with the lowest timestamp is taken first.
class RankingTest {

  private final Ranking ranking = new Ranking();
  private final Map<Tier, Long> heads = new EnumMap<>(Tier.class);

  @Test
  void tiers_with_work_share_by_weight() {
    for (var tier : Tier.values()) {
      arrive(tier);
    }
    var taken = take(1_000);

    assertThat(taken.get(Tier.ENTERPRISE)).isBetween(595, 605);
    assertThat(taken.get(Tier.PRO)).isBetween(295, 305);
    assertThat(taken.get(Tier.FREE)).isBetween(95, 105);
  }

  @Test
  void a_tier_that_was_idle_neither_waits_behind_a_backlog_nor_floods_it() {
    arrive(Tier.FREE);
    take(10_000);
    arrive(Tier.PRO);
    var taken = take(100);

    assertThat(taken.get(Tier.PRO)).isBetween(73, 77);
    assertThat(taken.get(Tier.FREE)).isBetween(23, 27);
  }

  @Test
  void what_must_not_wait_goes_before_every_tier() {
    arrive(Tier.ENTERPRISE);

    assertThat(ranking.first().extract(record(), 0)).isLessThan(heads.get(Tier.ENTERPRISE));
  }

  private void arrive(Tier tier) {
    heads.put(tier, ranking.tier(tier).extract(record(), 0));
  }

  private Map<Tier, Integer> take(int records) {
    var taken = new EnumMap<Tier, Integer>(Tier.class);
    for (int i = 0; i < records; i++) {
      var next = heads.entrySet().stream().min(Map.Entry.comparingByValue()).orElseThrow().getKey();
      ranking.served(0, heads.get(next));
      taken.merge(next, 1, Integer::sum);
      arrive(next);
    }
    return taken;
  }

  private static ConsumerRecord<Object, Object> record() {
    return new ConsumerRecord<>("topic", 0, 0, "key", "value");
  }
}
