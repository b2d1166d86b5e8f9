package dev.millrace.runtime.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.millrace.contracts.Json;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.erdtman.jcs.JsonCanonicalizer;
import org.erdtman.jcs.NumberToJSON;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class CanonicalJsonTest {

  private static final int SEEDS = Integer.getInteger("millrace.gen.seeds", 200);

  @ParameterizedTest
  @MethodSource("seeds")
  void random_trees_are_spelled_as_an_independent_canonicaliser_spells_them(int seed)
      throws Exception {
    var trees = new JsonTrees(new SplittableRandom(seed));
    for (int i = 0; i < 20; i++) {
      var tree = trees.object(5);
      String canonical = CanonicalJson.of(tree);

      assertThat(canonical)
          .isEqualTo(
              new JsonCanonicalizer(Json.MAPPER.writeValueAsString(tree)).getEncodedString());
      assertThat(CanonicalJson.parse(canonical)).isEqualTo(tree);
      assertThat(CanonicalJson.of(CanonicalJson.parse(canonical))).isEqualTo(canonical);
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void random_doubles_are_spelled_as_ecmascript_spells_them(int seed) throws Exception {
    var trees = new JsonTrees(new SplittableRandom(seed));
    for (int i = 0; i < 500; i++) {
      double number = trees.number();

      assertThat(spelled(number)).isEqualTo(NumberToJSON.serializeNumber(number));
      assertThat(Double.parseDouble(spelled(number))).isEqualTo(number == 0 ? 0.0 : number);
    }
  }

  /// The samples of RFC 8785, appendix B.
  @ParameterizedTest
  @CsvSource({
    "0000000000000000, 0",
    "8000000000000000, 0",
    "0000000000000001, 5e-324",
    "8000000000000001, -5e-324",
    "7fefffffffffffff, 1.7976931348623157e+308",
    "ffefffffffffffff, -1.7976931348623157e+308",
    "4340000000000000, 9007199254740992",
    "c340000000000000, -9007199254740992",
    "4430000000000000, 295147905179352830000",
    "44b52d02c7e14af5, 9.999999999999997e+22",
    "44b52d02c7e14af6, 1e+23",
    "44b52d02c7e14af7, 1.0000000000000001e+23",
    "444b1ae4d6e2ef4e, 999999999999999700000",
    "444b1ae4d6e2ef4f, 999999999999999900000",
    "444b1ae4d6e2ef50, 1e+21",
    "3eb0c6f7a0b5ed8c, 9.999999999999997e-7",
    "3eb0c6f7a0b5ed8d, 0.000001",
    "41b3de4355555553, 333333333.3333332",
    "41b3de4355555554, 333333333.33333325",
    "41b3de4355555555, 333333333.3333333",
    "41b3de4355555556, 333333333.3333334",
    "41b3de4355555557, 333333333.33333343",
    "becbf647612f3696, -0.0000033333333333333333",
    "43143ff3c1cb0959, 1424953923781206.2"
  })
  void the_numbers_of_the_standard_are_spelled_as_there(String bits, String expected) {
    assertThat(spelled(Double.longBitsToDouble(Long.parseUnsignedLong(bits, 16))))
        .isEqualTo(expected);
  }

  @Test
  void fields_stand_in_the_order_of_their_utf_16_code_units() {
    var object = JsonNodeFactory.instance.objectNode();
    object.put("\uFB33", 1).put("\uD83D\uDE00", 2).put("é", 3).put("a", 4).put("\r", 5).put("", 6);

    assertThat(CanonicalJson.of(object))
        .isEqualTo("{\"\":6,\"\\r\":5,\"a\":4,\"é\":3,\"\uD83D\uDE00\":2,\"\uFB33\":1}");
  }

  @Test
  void what_has_no_canonical_form_is_refused() {
    assertThatThrownBy(() -> CanonicalJson.of(DoubleNode.valueOf(Double.NaN)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> CanonicalJson.of(TextNode.valueOf("a\ud800")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static String spelled(double number) {
    var out = new StringBuilder();
    CanonicalJson.number(number, out);
    return out.toString();
  }

  static IntStream seeds() {
    return IntStream.range(0, SEEDS);
  }
}
