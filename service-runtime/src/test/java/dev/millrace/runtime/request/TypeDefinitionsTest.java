package dev.millrace.runtime.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.contracts.Policy;
import dev.millrace.contracts.Policy.Caching;
import dev.millrace.contracts.Scope;
import dev.millrace.contracts.Tier;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.jspecify.annotations.Nullable;
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
    var policy = report.policy(params, Tier.FREE);
    assertThat(policy.maxAttempts()).isEqualTo(4);
    assertThat(policy.ttlMs()).isEqualTo(86_400_000);
    assertThat(policy.caching()).isNull();
    assertThat(report.purity()).isEqualTo(TypeDefinition.Purity.PURE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "never",
      value = {
        "\"ttlMs\":1 | 1",
        "\"ttlMs\":null | never",
        "\"ttl\":\"week\" | 604800000",
        "\"ttl\":\"none\" | never",
        "\"ttl\":\"aiModelInfo\" | 1800000",
        "\"tiers\":{\"pro\":{\"ttl\":\"short\"}} | 86400000"
      })
  void a_ttl_is_given_in_milliseconds_or_by_name(String given, @Nullable Long ms) {
    assertThat(policy(given, Tier.FREE).ttlMs()).isEqualTo(ms);
    assertThat(policy(given, Tier.FREE).oldestMs()).isEqualTo(ms);
  }

  @Test
  void a_tier_may_have_a_ttl_of_its_own() {
    var given =
        "\"ttl\":\"long\",\"tiers\":{\"enterprise\":{\"ttl\":\"short\"},\"free\":{\"ttlMs\":null}}";
    assertThat(policy(given, Tier.ENTERPRISE).ttlMs()).isEqualTo(60_000);
    assertThat(policy(given, Tier.PRO).ttlMs()).isEqualTo(3_600_000);
    assertThat(policy(given, Tier.FREE).ttlMs()).isNull();
  }

  @Test
  void a_type_says_when_its_answers_are_computed_again() {
    var given =
        "\"ttlMs\":60000,\"caching\":{\"staleWhileRevalidateMs\":30000,\"refreshBeta\":1,"
            + "\"minTtlMs\":1000,\"maxTtlMs\":3600000}";
    var policy = policy(given, Tier.PRO);
    assertThat(policy.caching())
        .isEqualTo(new Caching(30_000L, 1.0, 1_000L, 3_600_000L, null, null, null));
    assertThat(policy.ttlMs()).isEqualTo(60_000);
    assertThat(policy.oldestMs()).isEqualTo(3_600_000);
  }

  @Test
  void the_example_in_the_documents_is_good() throws IOException {
    var text = Files.readString(Path.of("..", "docs", "caching.md"));
    int from = text.indexOf("```json\n") + "```json\n".length();
    var type = TypeDefinition.parse(Types.bytes(text.substring(from, text.indexOf("```", from))));
    var policy = type.policy(StrictJson.parse(Types.bytes("{\"market\":\"eu\"}")), Tier.FREE);

    assertThat(policy.ttlMs()).isEqualTo(3_600_000);
    assertThat(policy.oldestMs()).isEqualTo(86_400_000);
    assertThat(policy.staleMs()).isEqualTo(600_000);
  }

  private static Policy policy(String given, Tier tier) {
    var file = REPORT.replace("\"tags\"", given + ",\"tags\"");
    return TypeDefinition.parse(Types.bytes(file))
        .policy(StrictJson.parse(Types.bytes("{}")), tier);
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
            + " 10, got 11",
        "\"tags\" | \"ttl\":\"day\",\"ttlMs\":5,\"tags\" | ttl: expected no ttl beside ttlMs, got"
            + " 'day'",
        "\"tags\" | \"ttl\":\"wek\",\"tags\" | ttl: expected one of short, medium, long, day, week,"
            + " none, aiModelInfo, apiUsage, auditLogs, billingMetrics, cadFileMetadata,"
            + " contentModeration, engagementReport, featureFlags, modelCache, platformMetrics,"
            + " searchResults, supportTickets, systemHealth, systemMetrics, userActivity,"
            + " userBilling, userData (did you mean 'week'?), got 'wek'",
        "\"tags\" | \"ttlMs\":0,\"tags\" | ttlMs: expected at least 1, got 0",
        "\"tags\" | \"tiers\":{\"gold\":{}},\"tags\" | tiers.gold: unknown field 'gold':"
            + " expected one of free, pro, enterprise",
        "\"tags\" | \"tiers\":{\"pro\":{\"ttl\":\"day\",\"ttlMs\":5}},\"tags\" | tiers.pro.ttl:"
            + " expected no ttl beside ttlMs, got 'day'",
        "\"tags\" | \"tiers\":{\"free\":{\"ttlMs\":31536000001}},\"tags\" | tiers.free.ttlMs:"
            + " expected at most 31536000000, got 31536000001",
        "\"tags\" | \"caching\":{\"refreshBeta\":101},\"tags\" | caching.refreshBeta: expected at"
            + " most 100, got 101",
        "\"tags\" | \"caching\":{\"minTtlMs\":5},\"tags\" | caching: expected both minTtlMs and"
            + " maxTtlMs or neither, got minTtlMs alone",
        "\"tags\" | \"caching\":{\"minTtlMs\":5,\"maxTtlMs\":4},\"tags\" | caching.minTtlMs:"
            + " expected at most maxTtlMs, which is 4, got 5",
        "\"tags\" | \"caching\":{\"minTtlMs\":5,\"maxTtlMs\":7},\"tags\" | ttlMs: expected to begin"
            + " between caching.minTtlMs and maxTtlMs, from 5 to 7, got 86400000",
        "\"tags\" | \"ttl\":\"none\",\"caching\":{\"minTtlMs\":5,\"maxTtlMs\":7},\"tags\" | ttlMs:"
            + " expected to begin between caching.minTtlMs and maxTtlMs, from 5 to 7, got none",
        "\"tags\" |"
            + " \"ttlMs\":6,\"tiers\":{\"pro\":{\"ttlMs\":5}},\"caching\":{\"minTtlMs\":5,\"maxTtlMs\":7},\"tags\""
            + " | tiers: expected none beside caching.minTtlMs, by which one TTL adapts for all"
            + " tiers",
        "\"tags\" | \"purity\":\"effect\",\"caching\":{\"refreshBeta\":1},\"tags\" |"
            + " caching.refreshBeta: expected none with purity effect, which nothing may run"
            + " unasked",
        "\"tags\" | \"purity\":\"effect\",\"caching\":{\"staleWhileRevalidateMs\":1},\"tags\" |"
            + " caching.staleWhileRevalidateMs: expected none with purity effect, which nothing may"
            + " run unasked"
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
