package dev.millrace.publisher.explain;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.millrace.contracts.CacheMode;
import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.Scope;
import dev.millrace.publisher.history.Asked;
import dev.millrace.publisher.history.QuestionRow;
import dev.millrace.runtime.request.Difference;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class NearestRequestTest {

  private static final QuestionRow QUESTION = asked("it", Scope.GLOBAL, params(30, 7));

  @Test
  void the_one_with_the_fewest_differences_is_nearest_and_of_equals_the_newest() {
    var nearest =
        NearestRequest.among(
                List.of(
                    asked("both", Scope.GLOBAL, params(31, 8)),
                    asked("newer", Scope.GLOBAL, params(30, 8)),
                    asked("older", Scope.GLOBAL, params(30, 9)),
                    asked("unknown", Scope.GLOBAL, null)),
                QUESTION)
            .orElseThrow();

    assertThat(nearest.requestId()).isEqualTo("newer");
    assertThat(nearest.count()).isEqualTo(1);
    assertThat(nearest.summary()).isEqualTo("differs only in `seed`");
    assertThat(nearest.differences())
        .containsExactly(new Difference("seed", IntNode.valueOf(7), IntNode.valueOf(8)));
  }

  @Test
  void who_may_share_the_answer_is_a_difference_too() {
    var nearest =
        NearestRequest.among(List.of(asked("other", Scope.ORGANIZATION, params(30, 7))), QUESTION)
            .orElseThrow();

    assertThat(nearest.differences())
        .containsExactly(
            new Difference(
                "scope key", TextNode.valueOf("global"), TextNode.valueOf("organization:org-1")));
  }

  @Test
  void only_the_first_of_many_differences_are_named() {
    var nearest =
        NearestRequest.among(
                List.of(asked("far", Scope.GLOBAL, "{\"a\":1,\"b\":1,\"c\":1,\"d\":1}")), QUESTION)
            .orElseThrow();

    assertThat(nearest.summary())
        .isEqualTo("differs in 6 places: `a`, `b`, `c`, `d`, `days` and 1 more");
  }

  @Test
  void nobody_is_near_when_nobody_asked() {
    assertThat(NearestRequest.among(List.of(), QUESTION)).isEmpty();
  }

  private static String params(int days, int seed) {
    return "{\"days\":%d,\"seed\":%d}".formatted(days, seed);
  }

  private static QuestionRow asked(String requestId, Scope scope, @Nullable String params) {
    return new QuestionRow(
        RequestHash.of("ab".repeat(32)),
        "simulation",
        "org-1",
        requestId,
        null,
        null,
        scope,
        params,
        params == null ? 70_000 : params.length(),
        List.of(),
        new Asked(CacheMode.DEFAULT, null, null, null, List.of(), null),
        Instant.EPOCH);
  }
}
