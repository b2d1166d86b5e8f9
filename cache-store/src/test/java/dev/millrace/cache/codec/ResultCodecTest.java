package dev.millrace.cache.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.RequestHash;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultCodecTest {

  private static final RequestHash HASH = RequestHash.of("ab".repeat(32));

  @TempDir Path folder;

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private ResultCodec without;
  private ResultCodec with;

  @BeforeEach
  void train() throws Exception {
    Files.write(folder.resolve("forecast.1.zdict"), Forecasts.dictionary(1));
    without = new ResultCodec(Dictionaries.NONE, Keys.NONE, meters);
    with = new ResultCodec(Dictionaries.load(folder), Keys.NONE, meters);
  }

  @Test
  void a_result_comes_back_as_it_was() {
    for (var codec : new ResultCodec[] {without, with}) {
      var result = Forecasts.one(7);
      assertThat(Forecasts.read(codec.decode(HASH, codec.encode(HASH, "forecast", result))))
          .isEqualTo(result);
    }
  }

  @Test
  void a_dictionary_makes_a_result_smaller_and_only_those_of_its_type() {
    int json = Forecasts.one(7).toString().length();

    int compressed = without.encode(HASH, "forecast", Forecasts.one(7)).length;
    int better = with.encode(HASH, "forecast", Forecasts.one(7)).length;

    assertThat(compressed).isLessThan(json);
    assertThat(better).isLessThan(compressed * 3 / 4);
    assertThat(with.encode(HASH, "other", Forecasts.one(7))).hasSize(compressed);
  }

  @Test
  void what_gets_no_smaller_lies_as_json_as_all_rows_once_did() throws Exception {
    for (var json : new String[] {"{\"answer\":42}", "null", "[]", "-1", "\"text\""}) {
      var row = json.getBytes(StandardCharsets.UTF_8);
      assertThat(with.encode(HASH, "forecast", read(json))).isEqualTo(row);
      assertThat(Forecasts.read(with.decode(HASH, row))).isEqualTo(read(json));
    }
  }

  @Test
  void without_its_dictionary_a_result_is_none_and_counted() {
    var row = with.encode(HASH, "forecast", Forecasts.one(7));

    assertThat(without.decode(HASH, row)).isNull();
    assertThat(errors("dictionary")).isOne();
  }

  @Test
  void of_a_later_format_it_is_none_and_counted() {
    var row = with.encode(HASH, "forecast", Forecasts.one(7));
    row[0] = 2;

    assertThat(with.decode(HASH, row)).isNull();
    assertThat(errors("version")).isOne();
  }

  @Test
  void whatever_byte_is_damaged_no_other_result_comes_of_it() {
    var result = Forecasts.one(7);
    var row = with.encode(HASH, "forecast", result);
    for (int i = 0; i < row.length; i++) {
      for (int bit = 0; bit < 8; bit++) {
        var damaged = row.clone();
        damaged[i] ^= (byte) (1 << bit);
        var read = with.decode(HASH, damaged);
        assertThat(read == null || Forecasts.read(read).equals(result))
            .as("byte %d bit %d", i, bit)
            .isTrue();
      }
    }
    for (int length = 0; length < row.length; length++) {
      assertThat(with.decode(HASH, Arrays.copyOf(row, length))).as("length %d", length).isNull();
    }
    assertThat(errors("damaged")).isPositive();
  }

  private double errors(String reason) {
    return meters.get("cache.layer.errors").tag("reason", reason).counter().count();
  }

  private static JsonNode read(String json) throws Exception {
    return Json.MAPPER.readTree(json);
  }
}
