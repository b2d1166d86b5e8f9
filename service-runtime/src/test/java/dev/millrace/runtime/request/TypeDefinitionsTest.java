package dev.millrace.runtime.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.contracts.Scope;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TypeDefinitionsTest {

  private static final String REPORT =
      """
      {"type":"report","version":1,"description":"A report.",
       "params":{"type":"object","properties":{"campaign":{"type":"string"},
         "pages":{"type":"integer","default":3}}},
       "tags":["campaign:{campaign}"]}
      """;

  @Test
  void the_built_in_types_are_good() {
    assertThat(Types.BUILT_IN.names()).contains("command", "simulation");
    assertThat(Types.BUILT_IN.all())
        .allSatisfy(type -> assertThat(type.description()).isNotBlank());
  }

  @Test
  void a_short_definition_gets_the_usual_policy() {
    TypeDefinition report = TypeDefinition.parse(Types.bytes(REPORT));
    var params = StrictJson.parse(Types.bytes("{}"));
    report.complete(params);

    assertThat(params).hasToString("{\"pages\":3}");
    assertThat(report.tags(params, List.of("own"))).containsExactly("own");
    assertThat(report.defaultScope()).isEqualTo(Scope.ORGANIZATION);
    assertThat(report.allows(Scope.GLOBAL)).isFalse();
    assertThat(report.policy(params).maxAttempts()).isEqualTo(4);
    assertThat(report.policy(params).ttlMs()).isEqualTo(86_400_000);
    assertThat(report.purity()).isEqualTo(TypeDefinition.Purity.PURE);
  }

  @Test
  void definitions_are_found_in_folders_and_jars_and_one_folder_more(@TempDir Path dir)
      throws IOException {
    Path jar = dir.resolve("handlers.jar");
    try (var out = new JarOutputStream(Files.newOutputStream(jar))) {
      out.putNextEntry(new JarEntry("types/"));
      out.putNextEntry(new JarEntry("types/report.json"));
      out.write(Types.bytes(REPORT));
      out.putNextEntry(new JarEntry("types/notes.txt"));
    }
    Path classes = Files.createDirectories(dir.resolve("classes/types"));
    Files.writeString(classes.resolve("export.json"), REPORT.replace("report", "export"));
    Path own = Files.createDirectory(dir.resolve("own"));
    Files.writeString(own.resolve("report.json"), REPORT.replace("\"version\":1", "\"version\":2"));

    URL[] classPath = {jar.toUri().toURL(), dir.resolve("classes").toUri().toURL()};
    try (var loader = new URLClassLoader(classPath, null)) {
      assertThat(TypeDefinitions.load(loader, null).all()).hasToString("[export v1, report v1]");
      assertThat(TypeDefinitions.load(loader, own).all()).hasToString("[export v1, report v2]");
    }
  }

  @Test
  void a_bad_file_is_named(@TempDir Path dir) throws IOException {
    Path file = dir.resolve("other.json");
    Files.writeString(file, REPORT);

    assertThatThrownBy(() -> TypeDefinitions.load(new ClassLoader(null) {}, dir))
        .hasMessage(file + ": type is 'report', expected the file's name");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"version\":1 | \"version\":0 | version: expected at least 1, got 0",
        "\"version\":1 | \"verson\":1 | verson: unknown field 'verson' (did you mean 'version'?)",
        "{campaign} | {campain} | tags: 'campaign:{campain}' names no param (did you mean"
            + " 'campaign'?)",
        "campaign:{ | cmp {x}{ | tags: 'cmp {x}{campaign}' names no param",
        "campaign:{ | cmp {campaign}{ | tags: 'cmp {campaign}{campaign}' must be made of 1 to 128"
            + " of A-Z, a-z, 0-9 and . _ : -",
        "\"default\":3 | \"default\":\"x\" | #/properties/pages/default does not fit its own"
            + " schema: string found, integer expected",
        "\"pages\" | \"user_id\" | params must not hold user_id: they say who asks, and the same"
            + " question of two people would get two hashes",
        "\"type\":\"integer\" | \"type\":\"whole\" | not a JSON schema: at /properties/pages/type"
            + " does not have a value in the enumeration [\"array\", \"boolean\", \"integer\","
            + " \"null\", \"number\", \"object\", \"string\"]",
        "\"default\":3 | \"x-unorderd\":true | #/properties/pages has an unknown keyword x-unorderd"
            + " (did you mean 'x-unordered'?)",
        "\"tags\" | \"scopes\":{\"default\":\"global\"},\"tags\" | scopes.default is global, which"
            + " scopes.allowed does not hold",
        "\"tags\" | \"costScore\":{\"per\":{\"page\":1}},\"tags\" | costScore.per names no param:"
            + " page (did you mean 'pages'?)",
        "\"tags\" | \"retry\":{\"maxAttempts\":11},\"tags\" | retry.maxAttempts: expected at most"
            + " 10, got 11"
      })
  void a_mistake_in_a_definition_is_explained(String good, String bad, String message) {
    assertThatThrownBy(() -> TypeDefinition.parse(Types.bytes(REPORT.replace(good, bad))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void definitions_may_refer_to_their_own_parts() {
    var tree =
        TypeDefinition.parse(
            Types.bytes(
                """
                {"type":"tree","version":1,"description":"Nodes in nodes.","params":{
                  "type":"object","properties":{"root":{"$ref":"#/$defs/node"}},
                  "$defs":{"node":{"type":"object","properties":{
                    "size":{"type":"integer","default":1},
                    "below":{"type":"array","x-unordered":true,"items":{"$ref":"#/$defs/node"}}}}}}}
                """));
    var params = StrictJson.parse(Types.bytes("{\"root\":{\"below\":[{\"size\":2},{}]}}"));
    tree.complete(params);

    assertThat(params).hasToString("{\"root\":{\"below\":[{\"size\":1},{\"size\":2}],\"size\":1}}");
  }
}
