package dev.millrace.runtime.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.contracts.Command.WarmUp.Item;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WarmUpFileTest {

  private static final RequestReader READER =
      new RequestReader(
          TypeDefinitions.of(
              TypeDefinition.parse(
                  Types.bytes(
                      """
                      {"type":"sum","version":1,"description":"Adds.",
                       "scopes":{"allowed":["global"],"default":"global"},
                       "params":{"type":"object","required":["n"],
                                 "properties":{"n":{"type":"integer","minimum":0,"maximum":9}}}}
                      """))));

  @TempDir private Path folder;

  @Test
  void a_line_is_a_request_or_one_with_its_answer() throws IOException {
    var file =
        read(
            sum(1),
            "",
            "{'request':" + sum(2) + ",'result':3}",
            "{'request':" + sum(3) + "}",
            sum(4) + " " + sum(5));

    assertThat(file.wrong()).isEmpty();
    assertThat(numbers(file)).containsExactly(1, 2, 3, 4, 5);
    assertThat(file.items().get(1).result()).hasToString("3");
    assertThat(file.items().get(2).result()).isNull();
  }

  @Test
  void a_request_may_take_many_lines() throws IOException {
    var file = read("{", " 'type': 'sum',", " 'params': {", "   'n': 1", " }", "}", sum(2));

    assertThat(file.wrong()).isEmpty();
    assertThat(numbers(file)).containsExactly(1, 2);
  }

  @Test
  void what_is_wrong_is_named_by_its_line_and_the_others_count() throws IOException {
    var file =
        read(
            sum(1),
            "not json",
            sum(2),
            "{'type':'sum','params':{",
            sum(3),
            sum(10),
            "{'request':{'type':'smu','params':{}}}",
            "[" + sum(4) + "]",
            sum(5) + " and more",
            sum(6));

    assertThat(numbers(file)).containsExactly(1, 2, 3, 5, 6);
    assertThat(file.wrong())
        .satisfiesExactly(
            wrong -> assertThat(wrong).startsWith("line 2: not JSON: Unrecognized token 'not'"),
            wrong -> assertThat(wrong).startsWith("line 4: not JSON: "),
            wrong -> assertThat(wrong).startsWith("line 6: E_SCHEMA params.n: "),
            wrong -> assertThat(wrong).startsWith("line 7: E_TYPE request.type: "),
            wrong -> assertThat(wrong).isEqualTo("line 8: expected a JSON object"),
            wrong -> assertThat(wrong).startsWith("line 9: not JSON: Unrecognized token 'and'"));
  }

  @Test
  void what_intake_would_refuse_is_named_by_its_line_and_the_others_count() throws IOException {
    var deep = "[".repeat(30) + "]".repeat(30);
    var file =
        read(
            sum(1),
            "{'request':" + sum(2) + ",'result':'\\ud83d'}",
            "{'request':" + sum(2) + ",'result':1e400}",
            "{'type':'sum','type':'sum','params':{'n':2}}",
            "{'request':" + sum(2) + ",'result':" + deep + "}",
            "{'request':" + sum(2) + ",'result':'" + "x".repeat(70_000) + "'}",
            "{'request':" + sum(2) + ",'reslut':3}",
            sum(3));

    assertThat(numbers(file)).containsExactly(1, 3);
    assertThat(file.wrong())
        .satisfiesExactly(
            wrong -> assertThat(wrong).startsWith("line 2: E_STRING result: "),
            wrong -> assertThat(wrong).startsWith("line 3: E_NUMBER result: "),
            wrong -> assertThat(wrong).startsWith("line 4: E_DUPKEY type: "),
            wrong -> assertThat(wrong).startsWith("line 5: E_DEPTH "),
            wrong -> assertThat(wrong).startsWith("line 6: E_SIZE result: "),
            wrong -> assertThat(wrong).startsWith("line 7: E_UNKNOWN_FIELD reslut: "));
  }

  @Test
  void a_byte_order_mark_before_the_first_is_read_over() throws IOException {
    assertThat(numbers(read("\ufeff" + sum(1), sum(2)))).containsExactly(1, 2);
  }

  @Test
  void what_breaks_off_is_wrong_and_so_are_bytes_that_are_no_text() throws IOException {
    assertThat(read("{'type':'sum'").wrong())
        .singleElement()
        .asString()
        .startsWith("line 1: not JSON: ");
    var file = folder.resolve("bytes");
    Files.write(file, new byte[] {'{', '"', (byte) 0xff, '"', ':', '1', '}', '\n'});

    assertThat(WarmUpFile.read(file, READER).wrong()).hasSize(1);
  }

  @Test
  void an_empty_file_wants_nothing_and_one_that_is_not_there_cannot_be_read() throws IOException {
    assertThat(read()).isEqualTo(new WarmUpFile(List.of(), List.of()));
    assertThatThrownBy(() -> WarmUpFile.read(folder.resolve("none"), READER))
        .isInstanceOf(NoSuchFileException.class);
  }

  private WarmUpFile read(String... lines) throws IOException {
    var file = folder.resolve("requests.jsonl");
    Files.writeString(file, String.join("\n", lines).replace('\'', '"'));
    return WarmUpFile.read(file, READER);
  }

  private static String sum(int n) {
    return "{'type':'sum','params':{'n':" + n + "}}";
  }

  private static List<Integer> numbers(WarmUpFile file) {
    return file.items().stream()
        .map(Item::request)
        .map(request -> request.at("/params/n").intValue())
        .toList();
  }
}
