package dev.millrace.publisher.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.contracts.CacheMode;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.Scope;
import dev.millrace.contracts.Status;
import dev.millrace.contracts.Tier;
import dev.millrace.publisher.history.Asked;
import dev.millrace.publisher.history.QuestionRow;
import dev.millrace.runtime.request.Fields;
import dev.millrace.runtime.request.Reading;
import dev.millrace.runtime.request.RequestReader;
import dev.millrace.runtime.request.TypeDefinitions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PopularQuestionsTest {

  private static final RequestReader READER =
      new RequestReader(
          TypeDefinitions.load(
              new ClassLoader(null) {},
              Path.of("..", "job-workers", "src", "main", "resources", "types")));

  @Test
  void without_a_word_the_hundred_most_completed_are_meant() throws Exception {
    var popular = PopularQuestions.read(body("{\"history\":{}}"));

    assertThat(popular.limit()).isEqualTo(100);
    assertThat(popular.among().status()).isEqualTo(Status.COMPLETED);
    assertThat(popular.among().type()).isNull();
  }

  @Test
  void a_part_of_the_history_is_named() throws Exception {
    var popular =
        PopularQuestions.read(
            body(
                "{\"history\":{\"type\":\"simulation\",\"organizationId\":\"o\",\"status\":\"failed\","
                    + "\"from\":\"2026-01-01T00:00:00Z\",\"limit\":7}}"));

    assertThat(popular.limit()).isEqualTo(7);
    assertThat(popular.among().status()).isEqualTo(Status.FAILED);
    assertThat(popular.among().type()).isEqualTo("simulation");
    assertThat(popular.among().organizationId()).isEqualTo("o");
    assertThat(popular.among().from()).isEqualTo(Instant.parse("2026-01-01T00:00:00Z"));
    assertThat(popular.among().to()).isNull();
  }

  @ParameterizedTest
  @EnumSource
  void what_is_asked_again_has_the_same_hash(Scope scope) {
    var original =
        (Reading.Accepted)
            READER.read(
                """
                {"type":"simulation","organizationId":"o","workspaceId":"w","userId":"u",
                 "params":{"campaignId":"c"},"cache":{"scope":"%s","tags":["own"]}}
                """
                    .formatted(scope.id())
                    .getBytes(StandardCharsets.UTF_8),
                Tier.FREE);
    var request = original.request();
    var row = row(scope, request.params().toString(), request.tags());

    var again = PopularQuestions.asked(row, READER).orElseThrow();

    var read = READER.read(again.toString().getBytes(StandardCharsets.UTF_8), Tier.FREE);
    var asked = ((Reading.Accepted) read).request();
    assertThat(asked.requestHash()).isEqualTo(request.requestHash());
    assertThat(asked.tags()).containsExactlyInAnyOrderElementsOf(request.tags());
    assertThat(asked.userId()).isEqualTo(scope == Scope.PRIVATE ? "u" : null);
  }

  @Test
  void what_its_type_takes_no_longer_is_not_asked_again() {
    assertThat(PopularQuestions.asked(row(Scope.GLOBAL, "{\"campaign\":\"c\"}", List.of()), READER))
        .isEmpty();
    assertThat(PopularQuestions.asked(row(Scope.GLOBAL, null, List.of()), READER)).isEmpty();
  }

  private static QuestionRow row(Scope scope, @Nullable String params, List<String> tags) {
    return new QuestionRow(
        RequestHash.of("ab".repeat(32)),
        "simulation",
        "o",
        "r-1",
        "w",
        "u",
        scope,
        params,
        params == null ? 70_000 : params.length(),
        tags,
        new Asked(CacheMode.DEFAULT, null, null, null, List.of(), null),
        Instant.EPOCH);
  }

  private static Fields body(String json) throws Exception {
    return new Fields((ObjectNode) Json.MAPPER.readTree(json), "", Set.of("history"));
  }
}
