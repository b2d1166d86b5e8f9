package dev.millrace.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class ComparisonTest {

  private static final List<String> BEFORE =
      List.of(
          "{\"name\":\"hit\",\"via\":\"topics\",\"p50Ms\":9.0,\"ratio\":4.0}",
          "{\"name\":\"hit\",\"via\":\"http\",\"p50Ms\":3.0,\"ratio\":2.0}",
          "{\"name\":\"D\",\"via\":\"topics\",\"seconds\":7.0}");

  @Test
  void what_is_clearly_worse_by_its_ratio_is_named() {
    var now =
        List.of(
            Row.of("hit", "topics").with("p50Ms", 20.0).with(Row.RATIO, 4.9),
            Row.of("hit", "http").with("p50Ms", 2.0).with(Row.RATIO, 2.6),
            Row.of("miss", "http").with(Row.RATIO, 50.0),
            Row.of("D", "topics").with("seconds", 70.0));

    assertThat(Comparison.with(BEFORE).regressions(now))
        .containsExactly(new Comparison.Regression("hit", "http", 2.0, 2.6));
  }

  @Test
  void nothing_is_worse_than_nothing() {
    var now = List.of(Row.of("hit", "topics").with(Row.RATIO, 100.0));

    assertThat(Comparison.with(List.of()).regressions(now)).isEmpty();
  }

  @Test
  void a_line_that_is_no_row_is_quoted() {
    assertThatThrownBy(() -> Comparison.with(List.of("HIT  topics")))
        .hasMessageContaining("HIT  topics");
    assertThatThrownBy(() -> Comparison.with(List.of("{}"))).hasMessageContaining("{}");
  }
}
