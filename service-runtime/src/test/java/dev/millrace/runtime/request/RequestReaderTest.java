package dev.millrace.runtime.request;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.contracts.CacheMode;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.Origin;
import dev.millrace.contracts.RejectionCode;
import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.Scope;
import dev.millrace.contracts.Tier;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestReaderTest {

  private static final RequestReader READER = new RequestReader(Types.BUILT_IN);

  private static final String FULL =
      """
      {"type":"simulation","organizationId":"org_42","userId":"usr_7","workspaceId":"ws_3",
       "params":{"campaignId":"cmp_81","timeframeDays":30,
         "scenarios":[{"name":"base"},{"name":"budget+20%","budgetMultiplier":1.2}]},
       "requestId":"my-own-id-1","tier":"pro",
       "cache":{"mode":"stale-ok","scope":"organization","ttlMs":60000,"maxStaleMs":5000,
         "tags":["model:m1","campaign:cmp_81"]},
       "timeoutMs":600000,"deadline":"2026-11-20T09:31:22.498Z","maxAttempts":5,
       "notify":{"email":"ana@example.com"},
       "traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","version":1}
      """;

  private static final String PARAMS = "\"params\":{\"campaignId\":\"cmp_81\"}";

  @Test
  void everything_a_request_says_is_carried() {
    CheckedRequest request = accepted(FULL);

    assertThat(request.tier()).isEqualTo(Tier.FREE);
    assertThat(request.askedTier()).isEqualTo(Tier.PRO);
    assertThat(request.tierMismatch()).isTrue();
    assertThat(request.scope()).isEqualTo(Scope.ORGANIZATION);
    assertThat(request.mode()).isEqualTo(CacheMode.STALE_OK);
    assertThat(request.ttlMs()).isEqualTo(60_000);
    assertThat(request.maxStaleMs()).isEqualTo(5000);
    assertThat(request.tags()).containsExactly("campaign:cmp_81", "model:m1", "workspace:ws_3");
    assertThat(request.timeoutMs()).isEqualTo(600_000);
    assertThat(request.deadline()).isEqualTo(Instant.parse("2026-11-20T09:31:22.498Z"));
    assertThat(request.maxAttempts()).isEqualTo(5);
    assertThat(request.email()).isEqualTo("ana@example.com");
    assertThat(request.policy().ttlMs()).isEqualTo(86_400_000);
    assertThat(request.policy().maxAttempts()).isEqualTo(4);
    assertThat(request.policy().backoffMs()).containsExactly(1000L, 10_000L, 60_000L);
    assertThat(request.policy().effect()).isFalse();
    assertThat(request.policy().costScore()).isBetween(50, 100);
    assertThat(request.params())
        .hasToString(
            "{\"campaignId\":\"cmp_81\",\"externalData\":[],\"paths\":10000,"
                + "\"scenarios\":[{\"budgetMultiplier\":1,\"name\":\"base\"},"
                + "{\"budgetMultiplier\":1.2,\"name\":\"budget+20%\"}],"
                + "\"seed\":0,\"timeframeDays\":30}");
  }

  @Test
  void a_checked_request_becomes_an_admitted_one() {
    var origin = new Origin("topic", 3, 17);

    var own = accepted(FULL).admitted("derived", origin, null, null);
    var plain = accepted("{\"type\":\"simulation\"," + PARAMS + "}");

    assertThat(own.requestId()).isEqualTo("my-own-id-1");
    assertThat(own.traceparent()).startsWith("00-0af76519");
    assertThat(plain.admitted("derived", origin, "trace", null).requestId()).isEqualTo("derived");
    assertThat(plain.admitted("derived", origin, "trace", null).traceparent()).isEqualTo("trace");
  }

  /// `printf 'simulation\n1\nglobal\n{"campaignId":…}' | sha256sum`, by hand.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'type':'simulation','params':{'campaignId':'cmp_81'}}"
            + " | 8192a24169e2b957b779dfd8977199978065839a8af1c8d4a4c1da499c06ca76",
        "{'type':'simulation','organizationId':'org_42','params':{'campaignId':'cmp_81',"
            + "'scenarios':[{'name':'budget+20%','budgetMultiplier':1.2},{'name':'base'}]}}"
            + " | 09a33a2e592e416fb691505961f753a88212968cf54b5a0c7c8e310516f15dee",
        "{'type':'command','organizationId':'org_42','workspaceId':'ws_3',"
            + "'cache':{'scope':'workspace'},'params':{'program':'echo','args':['é','$(id)']}}"
            + " | bfc25787cea9d97634adf47e52b78479983c7f121ef17777208704c749468a2c"
      })
  void golden_samples_keep_their_hash(String request, String hash) {
    assertThat(accepted(request.replace('\'', '"')).requestHash().hex()).isEqualTo(hash);
  }

  /// `printf 'command\n1\nprivate:org_42:usr_7\n{…}' | openssl dgst -sha256 -hmac 'key of org_42'`.
  @Test
  void a_private_request_of_an_organization_with_a_key_is_hashed_under_it() {
    SecretKey key =
        new SecretKeySpec("key of org_42".getBytes(StandardCharsets.UTF_8), RequestHasher.HMAC);
    var hasher =
        new RequestHasher(
            organization -> organization.equals("org_42") ? Optional.of(key) : Optional.empty());
    String request =
        "{'type':'command','organizationId':'org_42','userId':'usr_7',"
            + "'cache':{'scope':'SCOPE'},'params':{'program':'echo'}}";

    assertThat(hash(new RequestReader(Types.BUILT_IN, hasher), request.replace("SCOPE", "private")))
        .isEqualTo("c38badf6611159c4b88405c7f4adde7aeaee690556afd3d3e645f03b51b6beb1");
    String shared = request.replace("SCOPE", "organization");
    assertThat(hash(new RequestReader(Types.BUILT_IN, hasher), shared))
        .isEqualTo(hash(READER, shared));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'seed':1,'timeframeDays':30",
        "'timeframeDays':30,'seed':1",
        "'seed':1.0",
        "'seed':1e0",
        "'seed':0.1e1,'paths':1e4",
        "'seed':1,'scenarios':[{'name':'base'}]",
        "'seed':1,'scenarios':[{'budgetMultiplier':1.0,'name':'b\\u0061se'}],'externalData':[]"
      })
  void spellings_of_one_question_have_one_hash(String fields) {
    assertThat(simulation(fields).requestHash()).isEqualTo(simulation("'seed':1").requestHash());
    assertThat(simulation(fields).params()).isEqualTo(simulation("'seed':1").params());
  }

  @Test
  void more_digits_than_a_double_holds_are_the_nearest_double() {
    CheckedRequest request =
        simulation(
            "'scenarios':[{'name':'base','budgetMultiplier':0.1000000000000000055511151231257827}]");

    assertThat(request.params().at("/scenarios/0/budgetMultiplier").doubleValue()).isEqualTo(0.1);
    assertThat(request.recipe().canonicalParams()).contains("\"budgetMultiplier\":0.1,");
  }

  @Test
  void the_order_of_a_set_means_nothing_and_that_of_a_list_does() {
    assertThat(simulation("'externalData':[{'name':'a','weight':2},{'name':'b'}]").requestHash())
        .isEqualTo(
            simulation("'externalData':[{'name':'b','weight':1},{'weight':2,'name':'a'}]")
                .requestHash());
    assertThat(command("'args':['a','b']").requestHash())
        .isNotEqualTo(command("'args':['b','a']").requestHash());
  }

  @Test
  void composed_and_decomposed_letters_are_different_questions() {
    assertThat(command("'args':['é']").requestHash())
        .isNotEqualTo(command("'args':['e\u0301']").requestHash());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'seed':1",
        "'timeframeDays':31",
        "'paths':10001",
        "'scenarios':[{'name':'base','budgetMultiplier':1.1}]",
        "'scenarios':[{'name':'base'},{'name':'two'}]",
        "'externalData':[{'name':'weather'}]",
        "'externalData':[{'name':'weather','weight':2}]"
      })
  void every_param_counts(String fields) {
    assertThat(simulation(fields).requestHash()).isNotEqualTo(simulation("'seed':0").requestHash());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "/requestId | 'other'",
        "/userId | 'usr_8'",
        "/workspaceId | 'ws_4'",
        "/tier | 'free'",
        "/cache/mode | 'bypass'",
        "/cache/ttlMs | 1",
        "/cache/maxStaleMs | 1",
        "/cache/tags | []",
        "/timeoutMs | 1",
        "/deadline | '1970-01-01T00:00:00Z'",
        "/maxAttempts | 1",
        "/notify/email | 'bo@example.com'",
        "/traceparent | '00-11111111111111111111111111111111-2222222222222222-00'",
        "/version | null"
      })
  void who_asks_and_how_does_not_count(String field, String value) throws Exception {
    assertThat(accepted(changed(field, value)).requestHash())
        .isEqualTo(accepted(FULL).requestHash());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "/organizationId | 'org_43'",
        "/cache/scope | 'global'",
        "/cache/scope | 'workspace'",
        "/cache/scope | 'private'",
        "/params/campaignId | 'cmp_82'"
      })
  void who_shares_and_what_is_asked_counts(String field, String value) throws Exception {
    assertThat(accepted(changed(field, value)).requestHash())
        .isNotEqualTo(accepted(FULL).requestHash());
  }

  @Test
  void the_scope_is_the_types_unless_nobody_is_named() {
    assertThat(accepted("{\"type\":\"simulation\"," + PARAMS + "}").scope())
        .isEqualTo(Scope.GLOBAL);
    assertThat(
            accepted("{\"type\":\"simulation\",\"organizationId\":\"o\"," + PARAMS + "}").scope())
        .isEqualTo(Scope.ORGANIZATION);
  }

  @Test
  void a_type_that_is_not_global_needs_an_organization() {
    var secret =
        TypeDefinition.parse(
            Types.bytes(
                """
                {"type":"secret","version":1,"description":"For one person.",
                 "params":{"type":"object","properties":{}},
                 "scopes":{"allowed":["private"],"default":"private"}}
                """));
    var reader = new RequestReader(TypeDefinitions.of(secret));

    assertThat(rejected(reader, "{'type':'secret','params':{}}").field())
        .isEqualTo("organizationId");
    assertThat(rejected(reader, "{'type':'secret','params':{},'organizationId':'o'}").field())
        .isEqualTo("userId");
    assertThat(
            rejected(
                reader,
                "{'type':'secret','params':{},'organizationId':'o','cache':{'scope':'global'}}"))
        .isEqualTo(
            new Rejection(
                RejectionCode.E_SCOPE,
                "secret does not allow scope global: expected one of private",
                "cache.scope"));
  }

  @Test
  void the_tag_of_a_workspace_is_never_longer_than_a_tag_may_be() {
    assertThat(simulation("'seed':0").tags()).containsExactly("campaign:cmp_81");
    var name = "w".repeat(128);
    var request =
        accepted(
            "{'type':'simulation','workspaceId':'%s','params':{'campaignId':'cmp_81'}}"
                .formatted(name)
                .replace('\'', '"'));
    assertThat(request.tags())
        .containsExactly("campaign:cmp_81", "workspace:" + name.substring(0, 118));
  }

  @Test
  void no_two_workspaces_share_by_the_way_their_names_are_joined() {
    assertThat(KeyRecipe.scopeKey(Scope.WORKSPACE, "a:b", "c", null))
        .isEqualTo("workspace:a%3Ab:c")
        .isNotEqualTo(KeyRecipe.scopeKey(Scope.WORKSPACE, "a", "b:c", null));
    assertThat(KeyRecipe.scopeKey(Scope.PRIVATE, "o", null, "u")).isEqualTo("private:o:u");
    assertThat(KeyRecipe.scopeKey(Scope.ORGANIZATION, "o", null, null)).isEqualTo("organization:o");
  }

  /// Some of these make a client read files, load classes or call a server.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "bootstrap.servers",
        "producer.bootstrap.servers",
        "security.protocol",
        "sasl.jaas.config",
        "sasl.oauthbearer.token.endpoint.url",
        "ssl.keystore.location",
        "interceptor.classes",
        "key.serializer",
        "config.providers"
      })
  void no_request_configures_a_kafka_client(String key) {
    var simulation = "{'type':'simulation','params':{'campaignId':'c'%s},'cache':{%s}%s}";
    var setting = "'" + key + "':'x'";

    for (var request :
        List.of(
            simulation.formatted("," + setting, "", ""),
            simulation.formatted("", setting, ""),
            simulation.formatted("", "", "," + setting),
            simulation.formatted("", "", ",'settings':{" + setting + "}"),
            simulation.formatted("", "", ",'notify':{'email':'a@b.example'," + setting + "}"))) {
      assertThat(rejected(READER, request).code())
          .as(request)
          .isEqualTo(RejectionCode.E_UNKNOWN_FIELD);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'type':'simulaton','params':{}} | type | unknown type 'simulaton' (did you mean"
            + " 'simulation'?)",
        "{'type':'x','params':{}} | type | unknown type 'x': expected one of command, simulation",
        "{'type':'simulation','params':{'compaignId':'c'}} | params.compaignId | unknown field"
            + " 'compaignId' (did you mean 'campaignId'?)",
        "{'type':'simulation','paramz':{}} | paramz | unknown field 'paramz' (did you mean"
            + " 'params'?)",
        "{'type':'simulation','params':{}} | params.campaignId | missing: expected 1 to 119 of A-Z,"
            + " a-z, 0-9 and . _ : -",
        "{'type':'simulation','params':{'campaignId':'c','timeframeDays':0}} | params.timeframeDays"
            + " | expected a whole number from 1 to 365, got 0",
        "{'type':'simulation','params':{'campaignId':'c','scenarios':[{'name':'x'}]}} |"
            + " params.scenarios | expected 1 to 20 scenarios, exactly one of them named base",
        "{'type':'simulation','params':{'campaignId':'c','scenarios':[{'name':'base'},{'name':'x'},{'name':'x'}]}}"
            + " | params.scenarios[2].name | expected a different name in every element, got `x`"
            + " again",
        "{'type':'simulation','params':{'campaignId':'c','scenarios':[{'name':'base',"
            + "'budgetMultipler':2}]}} | params.scenarios[0].budgetMultipler | unknown field"
            + " 'budgetMultipler' (did you mean 'budgetMultiplier'?)",
        "{'type':'simulation','params':{'campaignId':'c'},'cache':{'mode':'defautl'}} | cache.mode"
            + " | expected one of default, refresh, bypass, only, stale-ok (did you mean"
            + " 'default'?), got 'defautl'"
      })
  void a_rejection_says_where_and_what_was_expected(String request, String field, String message) {
    Rejection rejection = rejected(READER, request);

    assertThat(rejection.field()).isEqualTo(field);
    assertThat(rejection.message().replace('"', '`')).isEqualTo(message);
  }

  @Test
  void an_explanation_says_what_was_left_out_and_why() {
    Explanation explanation = Explanation.of(accepted(FULL));

    assertThat(explanation.requestHash()).isEqualTo(accepted(FULL).requestHash());
    assertThat(explanation.recipe().scopeKey()).isEqualTo("organization:org_42");
    assertThat(explanation.leftOut())
        .extracting(Explanation.LeftOut::field)
        .containsExactly(
            "userId",
            "workspaceId",
            "requestId",
            "tier",
            "cache",
            "timeoutMs",
            "deadline",
            "maxAttempts",
            "notify",
            "traceparent",
            "version");
    assertThat(explanation.leftOut().getFirst().why())
        .isEqualTo("scope organization does not tell users apart");
  }

  private static String changed(String pointer, String value) throws Exception {
    var request = (ObjectNode) Json.MAPPER.readTree(FULL);
    int slash = pointer.lastIndexOf('/');
    var parent = (ObjectNode) (slash == 0 ? request : request.at(pointer.substring(0, slash)));
    String name = pointer.substring(slash + 1);
    var node = Json.MAPPER.readTree(value.replace('\'', '"'));
    if (node.isNull()) {
      parent.remove(name);
    } else {
      parent.set(name, node);
    }
    return request.toString();
  }

  private static CheckedRequest simulation(String fields) {
    return accepted(
        ("{'type':'simulation','params':{'campaignId':'cmp_81'," + fields + "}}")
            .replace('\'', '"'));
  }

  private static CheckedRequest command(String fields) {
    return accepted(
        ("{'type':'command','params':{'program':'echo'," + fields + "}}").replace('\'', '"'));
  }

  private static String hash(RequestReader reader, String request) {
    Reading reading = reader.read(Types.bytes(request.replace('\'', '"')), Tier.FREE);
    RequestHash hash = ((Reading.Accepted) reading).request().requestHash();
    return hash.hex();
  }

  private static CheckedRequest accepted(String request) {
    Reading reading = READER.read(Types.bytes(request), Tier.FREE);
    assertThat(reading).isInstanceOf(Reading.Accepted.class);
    return ((Reading.Accepted) reading).request();
  }

  private static Rejection rejected(RequestReader reader, String request) {
    Reading reading = reader.read(Types.bytes(request.replace('\'', '"')), Tier.FREE);
    assertThat(reading).isInstanceOf(Reading.Rejected.class);
    return ((Reading.Rejected) reading).rejection();
  }
}
