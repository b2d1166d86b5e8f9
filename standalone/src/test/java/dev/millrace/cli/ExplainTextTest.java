package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.contracts.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The golden examples of `src/test/resources/explain`: what the door answers, and how it is read.
class ExplainTextTest {

  @ParameterizedTest
  @ValueSource(strings = {"computed", "answered-at-the-door", "joined-by-a-foreign-job"})
  void an_explanation_reads_as_written_down(String name) throws IOException {
    var lines = ExplainText.lines(Json.MAPPER.readTree(resource(name + ".json")));

    assertThat(String.join("\n", lines) + "\n").isEqualTo(resource(name + ".txt"));
  }

  private static String resource(String name) throws IOException {
    try (var in = ExplainTextTest.class.getResourceAsStream("/explain/" + name)) {
      assertThat(in).as(name).isNotNull();
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
