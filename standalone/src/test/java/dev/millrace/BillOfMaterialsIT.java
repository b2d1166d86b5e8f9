package dev.millrace;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/// The bill of materials in the jar, compared with what the jar runs on.
class BillOfMaterialsIT {

  private static final Path TARGET = Path.of("target");
  private static final String ENTRY = "META-INF/sbom/millrace.cdx.json";

  @Test
  void it_lists_each_library_that_is_run_with_its_digest_and_nothing_else() throws Exception {
    var run = new TreeMap<String, String>();
    for (var library : classPath()) {
      run.put(library.getFileName().toString(), Sha256.hex(Files.readAllBytes(library)));
    }

    assertThat(listed(bill())).containsExactlyEntriesOf(run);
  }

  @Test
  void what_everything_stands_on_is_listed_in_the_version_of_the_build() throws Exception {
    var listed = listed(bill());

    assertThat(listed.keySet())
        .anyMatch(name -> name.matches("kafka-streams-4\\.[\\d.]+\\.jar"))
        .anyMatch(name -> name.matches("rocksdbjni-[\\d.]+\\.jar"))
        .anyMatch(name -> name.matches("jetty-server-12\\.[\\d.]+\\.jar"))
        .anyMatch(name -> name.matches("postgresql-42\\.[\\d.]+\\.jar"))
        .anyMatch(name -> name.matches("topic-contracts-.+\\.jar"))
        .noneMatch(name -> name.matches("(junit|assertj|archunit|awaitility|kafka-.*test).*"));
  }

  @Test
  void the_one_beside_the_jar_is_the_same_and_says_whose_it_is() throws IOException {
    assertThat(Json.MAPPER.readTree(TARGET.resolve("millrace.cdx.json").toFile()))
        .isEqualTo(bill());
    assertThat(bill().path("bomFormat").asText()).isEqualTo("CycloneDX");
    assertThat(bill().at("/metadata/component/group").asText()).isEqualTo("dev.millrace");
  }

  private static JsonNode bill() throws IOException {
    try (var jar = new JarFile(TARGET.resolve("millrace.jar").toFile())) {
      var entry = jar.getEntry(ENTRY);
      assumeThat(entry == null && Boolean.getBoolean("maven.offline"))
          .as("Maven leaves %s out when it works offline (-o)", ENTRY)
          .isFalse();
      assertThat(entry).as(ENTRY).isNotNull();
      return Json.MAPPER.readTree(jar.getInputStream(entry));
    }
  }

  /// Digests by file name, as Maven names the file of a component.
  private static Map<String, String> listed(JsonNode bill) {
    return StreamSupport.stream(bill.path("components").spliterator(), false)
        .collect(
            toMap(
                component ->
                    component.path("name").asText()
                        + "-"
                        + component.path("version").asText()
                        + ".jar",
                BillOfMaterialsIT::digest,
                (one, _) -> one,
                TreeMap::new));
  }

  private static String digest(JsonNode component) {
    return StreamSupport.stream(component.path("hashes").spliterator(), false)
        .filter(hash -> hash.path("alg").asText().equals("SHA-256"))
        .map(hash -> hash.path("content").asText())
        .findFirst()
        .orElse("none");
  }

  private static Iterable<Path> classPath() throws IOException {
    try (var jar = new JarFile(TARGET.resolve("millrace.jar").toFile())) {
      var names = jar.getManifest().getMainAttributes().getValue(Attributes.Name.CLASS_PATH);
      return Arrays.stream(names.split(" ")).map(TARGET::resolve).toList();
    }
  }
}
