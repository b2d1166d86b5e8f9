package dev.millrace.runtime.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.contracts.RejectionCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StrictJsonTest {

  @Test
  void an_object_at_every_limit_is_read() {
    assertThat(StrictJson.parse(Types.bytes(nested(31))).isObject()).isTrue();
    assertThat(StrictJson.parse(Types.bytes("{\"a\":\"" + "x".repeat(65_536) + "\"}"))).hasSize(1);
    assertThat(StrictJson.parse(Types.bytes("{\"" + "n".repeat(128) + "\":1}"))).hasSize(1);
    assertThat(StrictJson.parse(Types.bytes("{\"a\":1." + "0".repeat(38) + "}"))).hasSize(1);
    // { a [ 19,995 numbers ] } are 20,000 tokens
    assertThat(StrictJson.parse(Types.bytes("{\"a\":[" + "1,".repeat(19_994) + "1]}"))).hasSize(1);
    assertThat(StrictJson.parse(Types.bytes("{}" + " ".repeat(262_142)))).isEmpty();
  }

  @Test
  void one_step_beyond_each_limit_has_its_own_code() {
    refused(nested(32), RejectionCode.E_DEPTH);
    refused("{\"a\":\"" + "x".repeat(65_537) + "\"}", RejectionCode.E_SIZE);
    refused("{\"" + "n".repeat(129) + "\":1}", RejectionCode.E_SIZE);
    refused("{\"a\":1." + "0".repeat(39) + "}", RejectionCode.E_NUMBER);
    refused("{\"a\":[" + "1,".repeat(19_995) + "1]}", RejectionCode.E_TOKENS);
    refused("{}" + " ".repeat(262_143), RejectionCode.E_SIZE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1 | 1",
        "1.0 | 1",
        "1e0 | 1",
        "-0 | 0",
        "-0.0 | 0",
        "0e999999999 | 0",
        "10e-1 | 1",
        "0.1000000000000000055511151231257827 | 0.1",
        "9007199254740991 | 9007199254740991",
        "4.9e-324 | 4.9E-324",
        "123456789012345 | 123456789012345"
      })
  void a_number_has_one_node_however_it_is_spelled(String spelled, String node) {
    assertThat(StrictJson.parse(Types.bytes("{\"a\":" + spelled + "}")).get("a")).hasToString(node);
  }

  @Test
  void the_place_of_a_mistake_is_named() {
    assertThatThrownBy(() -> StrictJson.parse(Types.bytes("{\"a\":[{\"b\":1},{\"b\":1e999}]}")))
        .isInstanceOfSatisfying(
            RejectedException.class, e -> assertThat(e.rejection().field()).isEqualTo("a[1].b"));
    assertThatThrownBy(() -> StrictJson.parse(Types.bytes("{\"a\":{\"b\":1,\"b\":2}}")))
        .isInstanceOfSatisfying(
            RejectedException.class, e -> assertThat(e.rejection().field()).isEqualTo("a.b"));
  }

  @Test
  void a_message_never_repeats_control_characters() {
    assertThatThrownBy(() -> StrictJson.parse(Types.bytes("{\"a\r\n\u202e\":\u0007}")))
        .isInstanceOfSatisfying(
            RejectedException.class,
            e -> assertThat(e.rejection().toString()).doesNotContainPattern("[\\p{Cntrl}\u202e]"));
  }

  private static String nested(int arrays) {
    return "{\"a\":" + "[".repeat(arrays) + "]".repeat(arrays) + "}";
  }

  private static void refused(String json, RejectionCode code) {
    assertThatThrownBy(() -> StrictJson.parse(Types.bytes(json)))
        .isInstanceOfSatisfying(
            RejectedException.class, e -> assertThat(e.rejection().code()).isEqualTo(code));
  }
}
