package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ConfigReferenceTest {

  @Test
  void the_page_in_the_repository_is_the_one_the_code_makes() throws IOException {
    var page = Path.of("..", "docs", "configuration.md");

    assertThat(Files.readString(page))
        .as("stale: ./millrace config docs > docs/configuration.md")
        .isEqualTo(ConfigReference.markdown());
  }

  @Test
  void every_setting_is_explained_once() {
    assertThat(ConfigReference.markdown().lines().filter(line -> line.startsWith("| `")))
        .doesNotHaveDuplicates()
        .allMatch(line -> line.endsWith(". |"), "ends in a sentence");
  }
}
