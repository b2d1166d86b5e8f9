package dev.millrace.workers.simulation;

import static dev.millrace.workers.simulation.SimulationFixtures.aSimulation;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.workers.simulation.SimulationParams.ExternalSignal;
import dev.millrace.workers.simulation.SimulationParams.Scenario;
import java.util.List;
import org.junit.jupiter.api.Test;

class SimulationParamsTest {

  @Test
  void canonical_params_are_read_in_full() throws JsonProcessingException {
    var params =
        read(
            """
            {"campaignId":"cmp_81","timeframeDays":90,"paths":5000,"seed":-9007199254740993,
             "scenarios":[{"name":"base","budgetMultiplier":1},
                          {"name":"more","budgetMultiplier":1.2}],
             "externalData":[{"name":"weather"},{"name":"holidays","weight":0.5}]}
            """);

    assertThat(params)
        .isEqualTo(
            aSimulation()
                .days(90)
                .paths(5_000)
                .seed(-9_007_199_254_740_993L)
                .scenario("base", 1)
                .scenario("more", 1.2)
                .signal("weather", 1)
                .signal("holidays", 0.5)
                .build());
  }

  @Test
  void what_is_missing_has_the_defaults_of_the_type() throws JsonProcessingException {
    var params = read("{\"campaignId\":\"cmp_81\"}");

    assertThat(params).isEqualTo(aSimulation().paths(10_000).seed(0).scenario("base", 1).build());
  }

  @Test
  void values_out_of_range_are_named() {
    assertThatThrownBy(() -> aSimulation().days(366).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("timeframeDays must be 1 to 365, got 366");
    assertThatThrownBy(() -> aSimulation().paths(99).build())
        .hasMessage("paths must be 100 to 10,000,000, got 99");
    assertThatThrownBy(() -> new Scenario("x", Double.NaN))
        .hasMessage("budgetMultiplier must be 0 to 10, got NaN");
    assertThatThrownBy(() -> new ExternalSignal("x", -0.5))
        .hasMessage("weight must be 0 to 10, got -0.5");
    assertThatThrownBy(() -> aSimulation().campaign("").build())
        .hasMessage("campaignId must not be empty");
  }

  @Test
  void exactly_one_scenario_is_the_base() {
    assertThat(aSimulation().scenario("a", 1).scenario("base", 2).build().baseIndex()).isOne();
    for (String names : List.of("{'name':'a'}", "{'name':'base'},{'name':'base'}")) {
      String json = "{'campaignId':'c','scenarios':[" + names + "]}";
      assertThatThrownBy(() -> read(json.replace('\'', '"')))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("exactly one scenario must be named base");
    }
  }

  @Test
  void the_order_of_the_signals_means_nothing() {
    var one = aSimulation().signal("a", 1).signal("b", 2).signal("c", 3).build();
    var other = aSimulation().signal("c", 3).signal("a", 1).signal("b", 2).build();

    assertThat(one).isEqualTo(other);
  }

  private static SimulationParams read(String json) throws JsonProcessingException {
    return SimulationParams.fromJson(new ObjectMapper().readTree(json));
  }
}
