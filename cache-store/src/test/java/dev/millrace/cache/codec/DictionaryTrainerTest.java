package dev.millrace.cache.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DictionaryTrainerTest {

  @Test
  void it_says_what_the_dictionary_is_worth() {
    var worth = new DictionaryTrainer(forecasts(400)).worth();

    assertThat(worth.compressed()).isLessThan(worth.json());
    assertThat(worth.withDictionary()).isLessThan(worth.compressed());
  }

  @Test
  void too_little_to_learn_from_is_said() {
    assertThatThrownBy(() -> new DictionaryTrainer(forecasts(19)))
        .hasMessage("at least 20 different results are needed, got 19");
  }

  private static List<byte[]> forecasts(int count) {
    return IntStream.range(0, count).mapToObj(i -> utf8(Forecasts.one(i).toString())).toList();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
