package dev.millrace.cache.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.contracts.CacheMode;
import dev.millrace.contracts.JobId;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.RequestHash;
import dev.millrace.runtime.reads.CacheStats;
import dev.millrace.runtime.reads.KnownAnswer;
import dev.millrace.runtime.reads.KnownEntry;
import dev.millrace.runtime.reads.LedgerReader;
import dev.millrace.runtime.reads.LedgerUnavailableException;
import dev.millrace.runtime.reads.Question;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReadPortTest {

  private static final RequestHash HASH = RequestHash.of("9f2c41d0".repeat(8));
  private static final Question QUESTION =
      new Question(
          HASH,
          "simulation",
          CacheMode.STALE_OK,
          5_000L,
          List.of("campaign:1", "model:a-b"),
          "org",
          "id.1");
  private static final KnownAnswer ANSWER =
      new KnownAnswer(
          new JobId("simulation:9f2c41d09f2c41d0:7"),
          7,
          3,
          Json.MAPPER.createObjectNode().put("answer", 42),
          null,
          null,
          null,
          1_500,
          Instant.parse("2026-01-01T00:00:00Z"),
          null,
          Instant.parse("2026-01-01T00:00:05Z"));

  private static final CacheStats STATS =
      new CacheStats(
          List.of(0, 2),
          Instant.parse("2026-01-01T00:00:00Z"),
          3,
          2,
          1,
          0,
          null,
          4_096L,
          List.of(new CacheStats.Layer("memory", 5, 1, 64L)));

  private final HttpClient http = HttpClient.newHttpClient();
  private final ReadPort port = ReadPort.open("127.0.0.1", 0, new OneAnswer());

  @AfterEach
  void close() {
    port.close();
    http.close();
  }

  @Test
  void a_question_that_is_known_gets_its_answer() throws Exception {
    var response = get("/internal/entries/" + HASH.hex() + "?" + QUESTION.query());

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(Json.MAPPER.readValue(response.body(), KnownAnswer.class)).isEqualTo(ANSWER);
  }

  @Test
  void any_other_question_finds_nothing() throws Exception {
    var response = get("/internal/entries/" + HASH.hex() + "?type=simulation&mode=default");

    assertThat(response.statusCode()).isEqualTo(404);
    assertThat(problem(response).get("code").asText()).isEqualTo("E_NOT_FOUND");
  }

  @Test
  void what_is_no_question_is_refused() throws Exception {
    for (var path :
        List.of(
            "/internal/entries/" + HASH.hex(),
            "/internal/entries/" + HASH.hex() + "?type=simulation&mode=never",
            "/internal/entries/" + HASH.hex() + "?type=simulation&mode=default&ttlMs=x",
            "/internal/entries/abc?type=simulation&mode=default")) {
      var response = get(path);

      assertThat(response.statusCode()).as(path).isEqualTo(400);
      assertThat(problem(response).get("detail").asText()).isNotBlank();
    }
    assertThat(get("/elsewhere").statusCode()).isEqualTo(404);
  }

  @Test
  void a_partition_that_is_elsewhere_cannot_be_asked() throws Exception {
    var response = get("/internal/entries/" + HASH.hex() + "/state");

    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(problem(response).get("detail").asText()).isEqualTo("not here");
  }

  @Test
  void what_was_counted_is_given() throws Exception {
    var response = get("/internal/stats");

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(Json.MAPPER.readValue(response.body(), CacheStats[].class)).containsExactly(STATS);
  }

  private HttpResponse<String> get(String path) throws Exception {
    return http.send(
        HttpRequest.newBuilder(URI.create(port.url() + path)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static JsonNode problem(HttpResponse<String> response) throws Exception {
    assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    return Json.MAPPER.readTree(response.body());
  }

  /// Knows the answer to one question, and owns no entry.
  private static final class OneAnswer implements LedgerReader {

    @Override
    public Optional<KnownAnswer> answer(Question question) {
      return question.equals(QUESTION) ? Optional.of(ANSWER) : Optional.empty();
    }

    @Override
    public Optional<KnownEntry> entry(RequestHash hash) {
      throw new LedgerUnavailableException("not here");
    }

    @Override
    public List<CacheStats> stats() {
      return List.of(STATS);
    }
  }
}
