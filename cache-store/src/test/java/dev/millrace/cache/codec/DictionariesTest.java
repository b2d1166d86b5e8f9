package dev.millrace.cache.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.contracts.RequestHash;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DictionariesTest {

  private static final RequestHash HASH = RequestHash.of("ab".repeat(32));

  @TempDir Path folder;

  @Test
  void the_newest_version_writes_and_all_are_read() throws Exception {
    put("forecast.9.zdict", Forecasts.dictionary(1));
    var earlier = codec().encode(HASH, "forecast", Forecasts.one(7));
    put("forecast.10.zdict", Forecasts.dictionary(2));

    var later = codec().encode(HASH, "forecast", Forecasts.one(7));

    assertThat(later).isNotEqualTo(earlier);
    assertThat(Forecasts.read(codec().decode(HASH, earlier))).isEqualTo(Forecasts.one(7));
    assertThat(Forecasts.read(codec().decode(HASH, later))).isEqualTo(Forecasts.one(7));
  }

  @Test
  void versions_count_on_from_the_last_of_the_type() throws Exception {
    assertThat(Dictionaries.add(folder.resolve("new"), "forecast", new byte[] {1}))
        .hasFileName("forecast.1.zdict");
    put("forecast.9.zdict", new byte[0]);
    put("other.12.zdict", new byte[0]);

    assertThat(Dictionaries.add(folder, "forecast", new byte[] {2}))
        .hasFileName("forecast.10.zdict")
        .hasBinaryContent(new byte[] {2});
    assertThat(folder.resolve("new")).isDirectoryContaining("glob:**/forecast.1.zdict");
    assertThat(folder).isDirectoryNotContaining("glob:**.unfinished");
  }

  @Test
  void a_file_that_is_no_dictionary_is_named() throws Exception {
    put("forecast.1.zdict", new byte[] {1, 2, 3});

    assertThatThrownBy(() -> Dictionaries.load(folder))
        .hasMessage(folder + "/forecast.1.zdict is no zstd dictionary");
  }

  @Test
  void so_is_one_with_another_name_and_a_copy() throws Exception {
    put("forecast.zdict", Forecasts.dictionary(1));
    assertThatThrownBy(() -> Dictionaries.load(folder))
        .hasMessage(folder + "/forecast.zdict is not named <type>.<version>.zdict");
    Files.delete(folder.resolve("forecast.zdict"));

    put("forecast.1.zdict", Forecasts.dictionary(1));
    put("forecast.2.zdict", Forecasts.dictionary(1));
    assertThatThrownBy(() -> Dictionaries.load(folder))
        .hasMessage(folder + "/forecast.2.zdict is a copy of another dictionary beside it");
  }

  private void put(String name, byte[] bytes) throws IOException {
    Files.write(folder.resolve(name), bytes);
  }

  private ResultCodec codec() {
    return new ResultCodec(Dictionaries.load(folder), Keys.NONE, new SimpleMeterRegistry());
  }
}
