package dev.millrace.runtime.request;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.contracts.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.Test;

class DifferenceTest {

  @Test
  void equal_values_do_not_differ() {
    assertThat(Difference.between(json("{'a':[1,{'b':null}]}"), json("{'a':[1,{'b':null}]}")))
        .isEmpty();
  }

  @Test
  void every_place_is_named_with_both_values() {
    var here = json("{'seed':7,'scenarios':[{'name':'base','m':1},{'name':'more'}],'paths':10}");
    var there = json("{'seed':8,'scenarios':[{'name':'base','m':2}],'days':30,'paths':10}");

    assertThat(Difference.between(here, there))
        .containsExactly(
            new Difference("days", null, json("30")),
            new Difference("scenarios[0].m", json("1"), json("2")),
            new Difference("scenarios[1]", json("{'name':'more'}"), null),
            new Difference("seed", json("7"), json("8")));
  }

  @Test
  void values_of_different_kinds_differ_as_a_whole() {
    assertThat(Difference.between(json("{'a b':{'c':1}}"), json("{'a b':[1]}")))
        .containsExactly(new Difference("[\"a b\"]", json("{'c':1}"), json("[1]")));
    assertThat(Difference.between(json("1"), json("null")))
        .containsExactly(new Difference("", json("1"), json("null")));
  }

  private static JsonNode json(String text) {
    try {
      return Json.MAPPER.readTree(text.replace('\'', '"'));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
