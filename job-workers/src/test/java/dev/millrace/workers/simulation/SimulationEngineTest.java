package dev.millrace.workers.simulation;

import static dev.millrace.workers.simulation.SimulationFixtures.aSimulation;
import static dev.millrace.workers.simulation.SimulationFixtures.bass;
import static dev.millrace.workers.simulation.SimulationFixtures.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.workers.simulation.SimulationResult.Outlook;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SimulationEngineTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final SimulationParams threeBudgets =
      aSimulation().scenario("base", 1).scenario("more", 1.2).scenario("none", 0).build();

  @Test
  void a_small_run_gives_the_golden_answer() throws IOException {
    var params =
        aSimulation()
            .days(3)
            .paths(1_500)
            .seed(42)
            .scenario("base", 1)
            .scenario("budget+20%", 1.2)
            .scenario("none", 0)
            .signal("weather", 1)
            .build();

    try (InputStream golden = getClass().getResourceAsStream("/simulation/small-run.json")) {
      assertThat(JSON.readTree(JSON.writeValueAsBytes(run(params))))
          .isEqualTo(JSON.readTree(Objects.requireNonNull(golden)));
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "1, 7", "1, 2500", "1, 9999", "2, 1000", "3, 64", "8, 333"})
  void neither_threads_nor_blocks_change_a_bit(int threads, int blockPaths) {
    var engine = new SimulationEngine(threads, blockPaths, Uncertainty.DEFAULT);

    assertThat(run(engine, threeBudgets)).isEqualTo(run(threeBudgets));
  }

  @Test
  void a_scenario_has_the_same_outlook_in_whatever_company_it_is_asked() {
    Outlook inCompany = run(threeBudgets).scenarios().get(1);
    Outlook alone = run(aSimulation().scenario("more", 1.2).build()).scenarios().getLast();

    assertThat(alone.adopters()).isEqualTo(inCompany.adopters());
    assertThat(alone.roi()).isEqualTo(inCompany.roi());
  }

  @Test
  void the_order_of_the_scenarios_does_not_matter() {
    var reversed = aSimulation().scenario("none", 0).scenario("more", 1.2).scenario("base", 1);

    assertThat(run(reversed.build()).scenarios().reversed())
        .isEqualTo(run(threeBudgets).scenarios());
  }

  @Test
  void another_seed_is_another_draw_of_the_same_market() {
    Outlook one = run(aSimulation().seed(1).build()).scenarios().getFirst();
    Outlook two = run(aSimulation().seed(2).build()).scenarios().getFirst();

    double error =
        Math.hypot(one.finalAdopters().standardError(), two.finalAdopters().standardError());
    assertThat(one.adopters()).isNotEqualTo(two.adopters());
    assertThat(one.finalAdopters().mean()).isCloseTo(two.finalAdopters().mean(), within(4 * error));
  }

  @ParameterizedTest
  @ValueSource(strings = {"cmp_81", "spring", "a", "xyz-42"})
  void trajectories_never_fall_and_percentiles_are_in_order(String campaign) {
    var params = aSimulation().campaign(campaign).days(365).signal("holidays", 3).build();

    var adopters = run(params).scenarios().getFirst().adopters();

    for (List<Double> line :
        List.of(adopters.mean(), adopters.p10(), adopters.p50(), adopters.p90())) {
      assertThat(line).hasSize(365).isSorted();
      assertThat(line.getFirst()).isPositive();
    }
    for (int day = 0; day < 365; day++) {
      assertThat(adopters.p10().get(day)).isLessThan(adopters.p50().get(day));
      assertThat(adopters.p50().get(day)).isLessThan(adopters.p90().get(day));
      assertThat(adopters.mean().get(day))
          .isBetween(adopters.p10().get(day), adopters.p90().get(day));
    }
  }

  @Test
  void more_budget_never_means_fewer_adopters_on_any_day() {
    var builder = aSimulation().days(60).paths(500);
    builder.scenario("base", 0);
    for (int i = 1; i < 20; i++) {
      builder.scenario("s" + i, i / 2.0);
    }

    List<Outlook> outlooks = run(builder.build()).scenarios();

    for (int i = 1; i < outlooks.size(); i++) {
      var less = outlooks.get(i - 1).adopters();
      var more = outlooks.get(i).adopters();
      for (int day = 0; day < 60; day++) {
        assertThat(more.mean().get(day)).isGreaterThanOrEqualTo(less.mean().get(day));
        assertThat(more.p10().get(day)).isGreaterThanOrEqualTo(less.p10().get(day));
        assertThat(more.p50().get(day)).isGreaterThanOrEqualTo(less.p50().get(day));
        assertThat(more.p90().get(day)).isGreaterThanOrEqualTo(less.p90().get(day));
      }
    }
  }

  @Test
  void shared_futures_make_the_uplift_far_more_certain_than_its_parts() {
    Outlook more = run(threeBudgets).scenarios().get(1);

    assertThat(more.uplift().adopters()).isPositive();
    assertThat(more.uplift().standardError())
        .isPositive()
        .isLessThan(more.finalAdopters().standardError() / 5);
  }

  @Test
  void the_money_adds_up() {
    SimulationResult result = run(threeBudgets);
    Outlook base = result.scenarios().get(0);
    Outlook more = result.scenarios().get(1);

    double value = result.market().valuePerAdopter();
    assertThat(more.spend()).isCloseTo(1.2 * base.spend(), within(0.01));
    assertThat(more.revenue()).isCloseTo(value * more.finalAdopters().mean(), within(value / 50));
    assertThat(Objects.requireNonNull(more.roi()).mean())
        .isCloseTo(more.revenue() / more.spend() - 1, within(1e-4));
    assertThat(more.uplift().revenue()).isCloseTo(more.revenue() - base.revenue(), within(0.02));
    assertThat(Objects.requireNonNull(more.uplift().roi()))
        .isCloseTo(more.uplift().revenue() / more.uplift().spend() - 1, within(1e-3));
    assertThat(base.uplift().adopters()).isZero();
    assertThat(base.uplift().standardError()).isZero();
    assertThat(base.uplift().roi()).isNull();
  }

  @Test
  void without_budget_word_of_mouth_remains() {
    var params = aSimulation().days(90).scenario("base", 0).build();
    var calm = new SimulationEngine(1, 1_000, Uncertainty.NONE);

    SimulationResult result = run(calm, params);

    Market market = result.market();
    Outlook none = result.scenarios().getFirst();
    for (int day = 0; day < 90; day++) {
      double expected = market.size() * bass(market.innovation(), market.imitation(), day + 1);
      assertThat(none.adopters().mean().get(day)).isCloseTo(expected, within(0.011));
      assertThat(none.adopters().p10().get(day)).isCloseTo(expected, within(0.011));
      assertThat(none.adopters().p90().get(day)).isCloseTo(expected, within(0.011));
    }
    assertThat(none.spend()).isZero();
    assertThat(none.roi()).isNull();
  }

  @Test
  void a_usual_result_is_small_and_says_how_to_repeat_it() throws IOException {
    SimulationResult result = run(threeBudgets);

    assertThat(JSON.writeValueAsBytes(result)).hasSizeLessThan(16 * 1024);
    assertThat(result.engine()).isEqualTo(SimulationEngine.VERSION);
    assertThat(result.campaignId()).isEqualTo("cmp_81");
    assertThat(result.timeframeDays()).isEqualTo(30);
    assertThat(result.paths()).isEqualTo(2_500);
    assertThat(result.seed()).isEqualTo(7);
    assertThat(result.market()).isEqualTo(Market.of("cmp_81"));
  }

  @Test
  void the_smallest_and_the_largest_shapes_work() {
    var smallest = aSimulation().days(1).paths(100).build();
    assertThat(run(smallest).scenarios().getFirst().adopters().mean()).hasSize(1);

    var widest = aSimulation().days(365).paths(100);
    widest.scenario("base", 0);
    for (int i = 1; i < 20; i++) {
      widest.scenario("s" + i, i % 2 == 0 ? 10 : 0).signal("signal-" + i, i % 3 == 0 ? 10 : 0);
    }
    assertThat(run(widest.build()).scenarios())
        .hasSize(20)
        .allMatch(outlook -> Double.isFinite(outlook.finalAdopters().mean()))
        .allMatch(outlook -> outlook.adopters().p90().size() == 365);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void progress_counts_every_path_of_every_scenario(int threads) {
    var seen = new ArrayList<String>();
    var counts = new ArrayList<Long>();

    new SimulationEngine(threads)
        .run(
            threeBudgets,
            (done, total, message) -> {
              assertThat(total).isEqualTo(7_500);
              counts.add(done);
              seen.add(message);
            },
            () -> false);

    assertThat(counts).hasSize(9).isSorted().doesNotHaveDuplicates().endsWith(7_500L);
    assertThat(seen.subList(3, 6)).containsOnly("scenario 2 of 3");
    assertThat(seen).startsWith("scenario 1 of 3").endsWith("scenario 3 of 3");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void a_cancelled_run_stops_before_its_next_block(int threads) {
    var blocks = new AtomicInteger();
    var engine = new SimulationEngine(threads);
    var endless = aSimulation().days(1).paths(10_000_000).build();

    assertThatThrownBy(() ->
            engine.run(
                endless,
                (done, total, message) -> blocks.incrementAndGet(),
                () -> blocks.get() >= 5))
        .isInstanceOf(CancellationException.class);
    assertThat(blocks.get()).isBetween(5, 5 + threads);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void an_interrupt_counts_as_a_cancellation(int threads) {
    Thread.currentThread().interrupt();

    assertThatThrownBy(() -> run(new SimulationEngine(threads), threeBudgets))
        .isInstanceOf(CancellationException.class);
    assertThat(Thread.interrupted()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void a_failing_listener_ends_the_run(int threads) {
    var reports = new AtomicInteger();
    var endless = aSimulation().days(1).paths(10_000_000).build();

    assertThatThrownBy(() ->
            new SimulationEngine(threads)
                .run(
                    endless,
                    (done, total, message) -> {
                      if (reports.incrementAndGet() == 3) {
                        throw new IllegalStateException("lease lost");
                      }
                    },
                    () -> false))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("lease lost");
    assertThat(reports.get()).isLessThan(3 + 2 * threads);
  }
}
