package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class RequestBuilderTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "30 | 30",
        "true | true",
        "\"30\" | \"30\"",
        "[1,2] | [1,2]",
        "cmp_81 | \"cmp_81\"",
        "2026-11-20 | \"2026-11-20\"",
        "1.50 | 1.5",
        "{oops | \"{oops\"",
        "~~ | \"\""
      })
  void a_value_is_json_when_it_parses_as_such_and_text_otherwise(String given, String expected) {
    assertThat(RequestBuilder.value(given == null ? "" : given)).hasToString(expected);
  }

  @Test
  void flags_make_a_request() {
    var request =
        requests(
                "",
                "simulation",
                "-p",
                "campaignId=cmp_81",
                "-p",
                "scenarios=[{\"name\":\"base\"}]",
                "--org",
                "org_42",
                "--scope",
                "global",
                "--ttl",
                "1000",
                "--tag",
                "a:b",
                "--max-attempts",
                "3")
            .getFirst();

    assertThat(request)
        .hasToString(
            "{\"type\":\"simulation\",\"organizationId\":\"org_42\",\"params\":{\"campaignId\":\"cmp_81\","
                + "\"scenarios\":[{\"name\":\"base\"}]},\"cache\":{\"scope\":\"global\",\"ttlMs\":1000,"
                + "\"tags\":[\"a:b\"]},\"maxAttempts\":3}");
  }

  @Test
  void stdin_holds_one_request_a_line_and_flags_complete_each() {
    var requests =
        requests(
            """
            {"type":"simulation","params":{"campaignId":"a"}}
            {"type":"simulation","params":{"campaignId":"b"}}
            """,
            "-f",
            "-",
            "--org",
            "o",
            "-p",
            "seed=1");

    assertThat(requests)
        .extracting(ObjectNode::toString)
        .containsExactly(
            "{\"type\":\"simulation\",\"params\":{\"campaignId\":\"a\",\"seed\":1},\"organizationId\":\"o\"}",
            "{\"type\":\"simulation\",\"params\":{\"campaignId\":\"b\",\"seed\":1},\"organizationId\":\"o\"}");
  }

  @Test
  void a_broken_line_is_named() {
    assertThatThrownBy(() -> requests("{\"type\":\"simulation\"}\n{\"type\":}\n", "-f", "-"))
        .isInstanceOf(CliException.class)
        .hasMessageContaining("stdin is not JSON")
        .hasMessageContaining("line 2");
  }

  @Test
  void one_request_id_cannot_name_two_requests() {
    assertThatThrownBy(() -> requests("{}{}", "-f", "-", "--request-id", "x"))
        .isInstanceOf(CliException.class)
        .hasMessageContaining("--request-id is for one request, got 2");
  }

  private static List<ObjectNode> requests(String stdin, String... args) {
    var builder = new RequestBuilder();
    new CommandLine(builder).parseArgs(args);
    return builder.requests(new ByteArrayInputStream(stdin.getBytes(StandardCharsets.UTF_8)));
  }
}
