package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.contracts.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/// The bench measures something and says so in the promised form; what, a test does not judge.
class BenchIT {

  @Test
  void each_row_is_a_line_of_json() throws IOException {
    var run =
        CommandLineRun.of(
            "bench", "cache", "peers", "instances", "growth", "small", "--glance", "--json");

    assertThat(run.exitCode()).as(run.err()).isZero();
    var rows = new ArrayList<JsonNode>();
    for (var line : run.lines()) {
      rows.add(Json.MAPPER.readTree(line));
    }
    assertThat(rows)
        .extracting(row -> row.path("name").asText() + " " + row.path("via").asText())
        .containsExactly(
            "raw topics",
            "hit topics",
            "hit http",
            "join topics",
            "join http",
            "miss topics",
            "miss http",
            "mixed topics",
            "mixed http",
            "A topics",
            "B topics",
            "B-at-once topics",
            "B http",
            "C topics",
            "D topics",
            "instances-1 topics",
            "instances-2 topics",
            "instances-4 topics",
            "growth-20 topics",
            "growth-200 topics",
            "growth-2000 topics",
            "canonical jvm",
            "decode jvm",
            "encode jvm",
            "parse jvm",
            "read jvm");
    assertThat(rows.subList(0, 9))
        .allSatisfy(row ->
            assertThat(fields(row))
                .containsExactly(
                    "name", "via", "p50Ms", "p99Ms", "rawP50Ms", "ratio", "perSecond"));
    assertThat(rows.subList(10, 13))
        .allSatisfy(row -> assertThat(row.path("runs")).isEqualTo(row.path("distinct")));
    assertThat(rows.get(14).path("lost").intValue()).isZero();
    assertThat(rows.subList(15, 26))
        .allSatisfy(row -> assertThat(row.path("ratio").doubleValue()).isPositive());
  }

  private static List<String> fields(JsonNode row) {
    return StreamSupport.stream(((Iterable<String>) row::fieldNames).spliterator(), false).toList();
  }
}
