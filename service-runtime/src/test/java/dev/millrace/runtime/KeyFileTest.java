package dev.millrace.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.runtime.Settings.Sources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyFileTest {

  @TempDir Path folder;

  @Test
  void keys_come_in_the_order_of_the_file_and_comments_and_blank_lines_are_none() throws Exception {
    var keys = KeyFile.read(write("# keys", "org:b=" + key(1), "", "  a-1.x=" + key(2) + "  "));

    assertThat(keys.names()).containsExactly("org:b", "a-1.x");
    assertThat(keys.key("org:b", "AES").orElseThrow().getEncoded()).startsWith(1).hasSize(32);
    assertThat(keys.key("org:b", "AES").orElseThrow().getAlgorithm()).isEqualTo("AES");
    assertThat(keys.key("org_b", "AES")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "nonsense, 'line 1 of %s: expected <name>=<base64 key>'",
    "a=?, 'line 1 of %s: the key is not base64'",
    "a=AAAA, 'line 1 of %s: expected a key of 32 bytes, got 3'",
    "# only a comment, '%s has no keys'"
  })
  void a_bad_file_is_refused_and_not_repeated(String line, String message) throws Exception {
    var file = write(line);

    assertThatThrownBy(() -> KeyFile.read(file)).hasMessage(message.formatted(file));
  }

  @Test
  void every_bad_line_is_named() throws Exception {
    var file = write("a=" + key(1), "b=no", "a=" + key(2), "org/1=" + key(3));

    assertThatThrownBy(() -> KeyFile.read(file))
        .hasMessage(
            "line 2 of %1$s: expected a key of 32 bytes, got 1; line 3 of %1$s: the name was used"
                    .formatted(file)
                + " before; line 4 of %s: expected <name>=<base64 key>".formatted(file));
  }

  @Test
  void bad_files_are_named_with_all_other_mistakes_of_the_settings() throws Exception {
    var def = PrivacyConfig.define(CommonConfig.def());
    var file = write("a=" + key(1).substring(4));
    var missing = folder.resolve("missing");

    assertThatThrownBy(() -> load(def, Map.of("privacy.keys", file + "", "topic.partitions", "0")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("topic.partitions")
        .hasMessageContaining("privacy.keys: line 1 of " + file)
        .hasMessageNotContainingAny(key(1).substring(4));
    assertThatThrownBy(() -> load(def, Map.of("privacy.keys", missing.toString())))
        .hasMessageEndingWith("privacy.keys: there is no file " + missing);
    assertThatThrownBy(() -> load(def, Map.of("privacy.keys", folder.toString())))
        .hasMessageContaining("privacy.keys: cannot read " + folder);
  }

  private static void load(ConfigDef def, Map<String, String> flags) {
    var _ = Settings.load(def, new Sources(Map.of(), Map.of(), flags));
  }

  private Path write(String... lines) throws IOException {
    return Files.writeString(folder.resolve("keys"), String.join("\n", lines));
  }

  private static String key(int seed) {
    var bytes = new byte[32];
    bytes[0] = (byte) seed;
    return Base64.getEncoder().encodeToString(bytes);
  }
}
