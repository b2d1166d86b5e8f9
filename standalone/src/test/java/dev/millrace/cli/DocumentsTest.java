package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.contracts.FailureCode;
import dev.millrace.contracts.RejectionCode;
import java.io.IOException;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The documents speak of codes, meters, classes and tests that are there.
class DocumentsTest {

  private static final Path ROOT = Path.of("..");
  private static final Pattern METER =
      Pattern.compile(
          "(?:\\.(?:counter|timer|gauge|builder)|\\bcount)\\(\\s*\"([a-z]+(?:\\.[a-z]+)+)\"");
  private static final Pattern MEMBER =
      Pattern.compile("`([A-Z][A-Za-z]*[a-z][A-Za-z]*)\\.([a-z][A-Za-z0-9_]*)`");
  private static final Pattern TEST = Pattern.compile("`([A-Z][A-Za-z]+(?:Test|IT))`");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)(?:#[^)]*)?\\)");

  @Test
  void every_rejection_code_is_explained() throws IOException {
    assertThat(codes("## Rejections"))
        .containsExactlyElementsOf(Arrays.stream(RejectionCode.values()).map(Enum::name).toList());
  }

  @Test
  void every_failure_code_is_explained() throws IOException {
    assertThat(codes("## Failures"))
        .containsAll(Arrays.stream(FailureCode.values()).map(Enum::name).toList());
  }

  @Test
  void every_exit_code_is_explained() throws Exception {
    var exits = new TreeSet<Integer>();
    for (var field : ExitCode.class.getDeclaredFields()) {
      if (Modifier.isStatic(field.getModifiers()) && field.getType() == int.class) {
        exits.add(field.getInt(null));
      }
    }

    assertThat(codes("## Exit codes"))
        .containsExactlyElementsOf(exits.stream().map(String::valueOf).toList());
  }

  @Test
  void every_meter_is_explained() throws IOException {
    var meters = new TreeSet<String>();
    for (var source : sources("main").values()) {
      METER.matcher(source).results().map(result -> result.group(1)).forEach(meters::add);
    }

    assertThat(firstCells(Files.readAllLines(ROOT.resolve("docs/metrics.md"))))
        .containsExactlyInAnyOrderElementsOf(meters);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"ARCHITECTURE.md", "CONTRIBUTING.md", "docs/job-lifecycle.md", "docs/testing.md"})
  void what_a_document_names_exists(String document) throws IOException {
    var text = Files.readString(ROOT.resolve(document));
    var sources = sources("main");
    sources.putAll(sources("test"));

    assertThat(
            MEMBER
                .matcher(text)
                .results()
                .filter(named -> !has(sources, named))
                .map(MatchResult::group))
        .as("methods that are not there")
        .isEmpty();
    assertThat(
            TEST.matcher(text)
                .results()
                .map(result -> result.group(1))
                .filter(test -> !sources.containsKey(test)))
        .as("tests that are not there")
        .isEmpty();
  }

  @Test
  void every_link_between_documents_leads_somewhere() throws IOException {
    try (var documents = Files.walk(ROOT.resolve("docs"))) {
      var all =
          Stream.concat(
                  Stream.of("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")
                      .map(ROOT::resolve),
                  documents.filter(file -> file.toString().endsWith(".md")))
              .toList();
      for (var document : all) {
        assertThat(
                LINK.matcher(Files.readString(document))
                    .results()
                    .map(link -> link.group(1))
                    .filter(link -> !Files.exists(document.resolveSibling(link))))
            .as("links in %s that lead nowhere", document)
            .isEmpty();
      }
    }
  }

  private static List<String> codes(String heading) throws IOException {
    var lines = Files.readAllLines(ROOT.resolve("docs/errors.md"));
    int start = lines.indexOf(heading);
    assertThat(start).as(heading).isNotNegative();
    return firstCells(
        lines.stream().skip(start + 1).takeWhile(line -> !line.startsWith("## ")).toList());
  }

  private static List<String> firstCells(List<String> lines) {
    return lines.stream()
        .filter(line -> line.startsWith("| `"))
        .map(line -> line.substring(3, line.indexOf('`', 3)))
        .toList();
  }

  private static boolean has(Map<String, String> sources, MatchResult named) {
    return sources.getOrDefault(named.group(1), "").contains(named.group(2) + "(");
  }

  /// The text of every class, all of one name together.
  private static Map<String, String> sources(String which) throws IOException {
    var sources = new LinkedHashMap<String, String>();
    try (var modules = Files.list(ROOT)) {
      for (var module : modules.map(path -> path.resolve("src/" + which + "/java")).toList()) {
        if (Files.isDirectory(module)) {
          try (var files = Files.walk(module)) {
            for (var file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
              var name = file.getFileName().toString().replace(".java", "");
              sources.merge(name, Files.readString(file), String::concat);
            }
          }
        }
      }
    }
    return sources;
  }
}
