package dev.millrace.workers.simulation;

import static dev.millrace.workers.simulation.SimulationFixtures.aSimulation;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MarketTest {

  @Test
  void a_campaign_has_one_market_of_its_own() {
    assertThat(Market.of("cmp_81")).isEqualTo(Market.of("cmp_81"));

    var markets = new HashSet<Market>();
    IntStream.range(0, 1_000).forEach(i -> markets.add(Market.of("cmp_" + i)));
    assertThat(markets).hasSize(1_000);
  }

  @Test
  void every_market_is_plausible() {
    for (int i = 0; i < 1_000; i++) {
      Market market = Market.of("Ünïcode-" + i);

      assertThat(market.size()).isBetween(20_000.0, 2_000_000.0);
      assertThat(market.innovation()).isBetween(0.0005, 0.0025);
      assertThat(market.imitation()).isBetween(0.015, 0.075);
      assertThat(market.channels()).hasSizeBetween(3, 5);
      assertThat(market.channels()).extracting(Channel::name).doesNotHaveDuplicates();
      assertThat(market.channels()).allMatch(channel -> channel.dailySpend() > 0);
    }
  }

  @Test
  void advertising_stock_settles_at_a_steady_spend_and_fades_without() {
    var channel = new Channel("search", 100, 14, 0.8, 50, 1.5, 2);

    double stock = 0;
    for (int day = 0; day < 100; day++) {
      stock = channel.stockAfter(stock, channel.spendOn(day, 1));
    }
    assertThat(stock).isCloseTo(100, within(1e-6));
    assertThat(channel.stockAfter(channel.stockAfter(stock, 0), 0)).isCloseTo(64, within(1e-6));
  }

  @Test
  void lift_saturates_by_the_hill_curve() {
    var channel = new Channel("search", 100, 14, 0.8, 50, 1.5, 2);

    assertThat(channel.liftAt(0)).isZero();
    assertThat(channel.liftAt(50)).isCloseTo(1, within(1e-12));
    assertThat(channel.liftAt(1e9)).isCloseTo(2, within(1e-6));
    assertThat(channel.liftAt(200) - channel.liftAt(150))
        .isLessThan(channel.liftAt(150) - channel.liftAt(100));
  }

  @Test
  void a_channel_that_rests_every_other_week_costs_half() {
    var steady = new Channel("video", 100, 14, 0.5, 50, 1, 1);
    var resting = new Channel("video", 100, 7, 0.5, 50, 1, 1);

    assertThat(spend(steady, 1)).isEqualTo(2_800);
    assertThat(spend(resting, 1)).isEqualTo(1_400);
    assertThat(spend(resting, 2.5)).isEqualTo(3_500);
  }

  @Test
  void without_budget_and_signals_a_day_is_an_ordinary_day() {
    var plan = Plan.of(Market.of("cmp_81"), aSimulation().days(365).build(), 0);

    assertThat(plan.spend()).isZero();
    for (int day = 0; day < 365; day++) {
      assertThat(plan.lift(day)).isEqualTo(1);
      assertThat(plan.attention(day)).isEqualTo(1);
    }
  }

  @Test
  void signals_stretch_some_days_and_shrink_others_by_their_weight() {
    var strong = Plan.of(Market.of("c"), aSimulation().days(365).signal("weather", 2).build(), 0);
    var weak = Plan.of(Market.of("c"), aSimulation().days(365).signal("weather", 1).build(), 0);
    var none = Plan.of(Market.of("c"), aSimulation().days(365).signal("weather", 0).build(), 0);

    assertThat(attention(strong)).anyMatch(a -> a > 1.2).anyMatch(a -> a < 0.8);
    assertThat(attention(none)).containsOnly(1.0);
    for (int day = 0; day < 365; day++) {
      double squared = weak.attention(day) * weak.attention(day);
      assertThat(strong.attention(day)).isCloseTo(squared, within(1e-12));
    }
  }

  private static double spend(Channel channel, double budgetMultiplier) {
    var market = new Market(1_000, 0.01, 0.1, 10, List.of(channel));
    return Plan.of(market, aSimulation().days(28).build(), budgetMultiplier).spend();
  }

  private static List<Double> attention(Plan plan) {
    return IntStream.range(0, plan.days()).mapToObj(plan::attention).toList();
  }
}
