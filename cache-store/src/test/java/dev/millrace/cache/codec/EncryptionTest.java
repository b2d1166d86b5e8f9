package dev.millrace.cache.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.contracts.RequestHash;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EncryptionTest {

  private static final RequestHash HASH = RequestHash.of("ab".repeat(32));
  private static final RequestHash OTHER = RequestHash.of("cd".repeat(32));
  private static final String OLD = "old=" + key(1);
  private static final String NEW = "new=" + key(2);

  @TempDir Path folder;

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

  @Test
  void a_result_comes_back_and_nothing_of_it_can_be_seen() throws Exception {
    var result = Forecasts.one(7);
    var codec = codec(OLD);

    var row = codec.encode(HASH, "forecast", result);

    assertThat(Forecasts.read(codec.decode(HASH, row))).isEqualTo(result);
    assertThat(new String(row, StandardCharsets.ISO_8859_1))
        .contains("old")
        .doesNotContain("engine", "cmp_");
    assertThat(codec.encode(HASH, "forecast", result)).as("a nonce of its own").isNotEqualTo(row);
  }

  @Test
  void the_last_key_encrypts_and_all_decrypt() throws Exception {
    var result = Forecasts.one(7);
    var before = codec(OLD).encode(HASH, "forecast", result);
    var rotated = codec(OLD, NEW);

    var after = rotated.encode(HASH, "forecast", result);

    assertThat(Forecasts.read(rotated.decode(HASH, before))).isEqualTo(result);
    assertThat(Forecasts.read(rotated.decode(HASH, after))).isEqualTo(result);
    assertThat(Forecasts.read(codec(NEW).decode(HASH, after))).isEqualTo(result);
    assertThat(codec(NEW).decode(HASH, before)).as("the old key is gone").isNull();
    assertThat(errors("key")).isOne();
  }

  @Test
  void or_the_one_that_is_named() throws Exception {
    var keys = write(OLD, NEW);
    var codec = new ResultCodec(Dictionaries.NONE, Keys.load(keys, "old"), meters);

    var row = codec.encode(HASH, "forecast", Forecasts.one(7));

    assertThat(Forecasts.read(codec(OLD).decode(HASH, row))).isEqualTo(Forecasts.one(7));
  }

  @Test
  void another_key_of_that_name_makes_it_none() throws Exception {
    var row = codec(OLD).encode(HASH, "forecast", Forecasts.one(7));

    assertThat(codec("old=" + key(2)).decode(HASH, row)).isNull();
    assertThat(errors("damaged")).isOne();
  }

  @Test
  void so_does_another_hash_and_any_change() throws Exception {
    var codec = codec(OLD);
    var row = codec.encode(HASH, "forecast", Forecasts.one(7));

    assertThat(codec.decode(OTHER, row)).isNull();
    for (int i = 0; i < row.length; i++) {
      var changed = row.clone();
      changed[i] ^= 1;
      assertThat(codec.decode(HASH, changed)).as("byte %d", i).isNull();
    }
  }

  @Test
  void what_was_stored_before_there_were_keys_can_be_read() throws Exception {
    var row =
        new ResultCodec(Dictionaries.NONE, Keys.NONE, meters)
            .encode(HASH, "forecast", Forecasts.one(7));

    assertThat(Forecasts.read(codec(OLD).decode(HASH, row))).isEqualTo(Forecasts.one(7));
  }

  @Test
  void a_key_that_is_not_in_the_file_cannot_encrypt() throws Exception {
    var file = write(OLD, NEW);

    assertThatThrownBy(() -> Keys.load(file, "x"))
        .hasMessage(file + " has no key x, only old, new");
  }

  private ResultCodec codec(String... lines) throws IOException {
    return new ResultCodec(Dictionaries.NONE, Keys.load(write(lines), ""), meters);
  }

  private Path write(String... lines) throws IOException {
    return Files.writeString(folder.resolve("keys"), String.join("\n", lines));
  }

  private double errors(String reason) {
    return meters.get("cache.layer.errors").tag("reason", reason).counter().count();
  }

  private static String key(int seed) {
    var bytes = new byte[32];
    bytes[0] = (byte) seed;
    return Base64.getEncoder().encodeToString(bytes);
  }
}
