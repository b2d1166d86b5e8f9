package dev.millrace.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.corpus.Expected.Outcome;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CorpusFolderTest {

  @TempDir Path folder;

  @Test
  void a_line_says_what_must_become_of_a_file() throws IOException {
    file("010-comma.json", "{\"a\":1,}");
    expected("010-comma.json\tR\tE_JSON");

    assertThat(CorpusFolder.read(folder))
        .singleElement()
        .satisfies(input -> {
          assertThat(input.value()).asString().isEqualTo("{\"a\":1,}");
          assertThat(input.expected()).isEqualTo(new Expected(Outcome.R, "E_JSON", null));
          assertThat(input.topic()).isEqualTo(Case.REQUESTS);
          assertThat(input.overKafka()).isTrue();
          assertThat(input.overHttp()).isTrue();
        });
  }

  @Test
  void a_file_is_found_by_its_number_or_without_its_ending() throws IOException {
    file("001-empty.json", "");
    file("002-good.bin", "{}");
    expected("001\tR\tE_EMPTY", "002-good\tA");

    assertThat(CorpusFolder.read(folder))
        .extracting(Case::name)
        .containsExactly("001-empty.json", "002-good.bin");
  }

  @Test
  void what_is_packed_is_unpacked_and_null_is_no_value() throws IOException {
    try (OutputStream packed =
        new GZIPOutputStream(Files.newOutputStream(folder.resolve("large.json.gz")))) {
      packed.write("x".repeat(100_000).getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
    file("none.null", "");
    expected("large.json.gz\tR\tE_JSON", "none.null\tR\tE_EMPTY");

    var cases = CorpusFolder.read(folder);

    assertThat(cases.getFirst().value()).hasSize(100_000);
    assertThat(cases.getLast().value()).isNull();
  }

  @Test
  void topics_and_headers_go_over_kafka_alone_and_whole_calls_over_http_alone() throws IOException {
    file("cancel.json", "{}");
    file("call.http", "GET / HTTP/1.1");
    expected("cancel.json\tR\tE_COMMAND\tno command\tcommands\tx=ab*3 :key=k", "call.http\t4xx");

    var cases = CorpusFolder.read(folder);

    assertThat(cases.getFirst().topic()).isEqualTo("commands");
    assertThat(cases.getFirst().headers()).isEqualTo(Map.of("x", "ababab", ":key", "k"));
    assertThat(cases.getFirst().overHttp()).isFalse();
    assertThat(cases.getLast().overKafka()).isFalse();
    assertThat(cases.getLast().expected().fitsStatus(404)).isTrue();
    assertThat(cases.getLast().expected().fitsStatus(500)).isFalse();
  }

  @Test
  void a_corpus_that_does_not_add_up_is_refused_by_line() throws IOException {
    file("a.json", "");
    expected("a.json\tperhaps");
    refused("line 2: expected one of A, R, C, D, X or a status such as 4xx, got 'perhaps'");
    expected("b.json\tA");
    refused("line 2: there is no file 'b.json'");
    expected("a.json");
    refused("line 2: expected a file and an outcome");
    expected();
    refused("says nothing of a.json");
  }

  @Test
  void a_folder_without_expectations_is_none() {
    refused("expected.tsv is missing");
  }

  private void refused(String message) {
    assertThatThrownBy(() -> CorpusFolder.read(folder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  private void file(String name, String text) throws IOException {
    Files.writeString(folder.resolve(name), text);
  }

  private void expected(String... lines) throws IOException {
    file("expected.tsv", "file\toutcome\tcode\n" + String.join("\n", lines));
  }
}
