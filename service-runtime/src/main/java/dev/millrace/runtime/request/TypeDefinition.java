package dev.millrace.runtime.request;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.contracts.Policy;
import dev.millrace.contracts.Policy.Caching;
import dev.millrace.contracts.Scope;
import dev.millrace.contracts.Tier;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Everything Millrace knows about one type of request, from `types/<type>.json`: what its params
/// are, what makes two of them the same, who may share answers, and how it is run.
///
/// The file is described by `type-definition.schema.json` beside this class.
public final class TypeDefinition {

  /// Whether a run changes the world outside.
  public enum Purity {
    PURE,
    EFFECT
  }

  /// What a run mostly does; decides its threads.
  public enum Load {
    COMPUTES,
    WAITS
  }

  private static final SchemaCheck FILE = SchemaCheck.compile(fileSchema(), "");

  /* Who asks, and how to reach them, never belongs to what is asked. */
  private static final Set<String> PERSONAL =
      Set.of(
          "userid",
          "user",
          "username",
          "email",
          "emailaddress",
          "mail",
          "phone",
          "firstname",
          "lastname",
          "fullname",
          "displayname",
          "organizationid",
          "workspaceid",
          "requestid",
          "notify",
          "tier",
          "traceparent");

  private final String type;
  private final int version;
  private final String description;
  private final SchemaCheck params;
  private final ObjectNode paramsSchema;
  private final Set<Scope> scopes;
  private final Scope defaultScope;
  private final List<TagTemplate> tags;
  private final Lifetimes lifetimes;
  private final long negativeTtlMs;
  private final CostScore costScore;
  private final int maxAttempts;
  private final List<Long> backoffMs;
  private final long runLimitMs;
  private final @Nullable Caching caching;
  private final Purity purity;
  private final Load load;

  private TypeDefinition(ObjectNode file) {
    this.type = file.get("type").textValue();
    this.version = file.get("version").intValue();
    this.description = file.get("description").textValue();
    this.paramsSchema = (ObjectNode) file.get("params");
    this.params = checkedParams(paramsSchema);

    JsonNode allowed = file.get("scopes").get("allowed");
    this.scopes = EnumSet.noneOf(Scope.class);
    allowed.forEach(scope -> scopes.add(Scope.of(scope.textValue())));
    this.defaultScope = Scope.of(file.get("scopes").get("default").textValue());
    if (!scopes.contains(defaultScope)) {
      throw new IllegalArgumentException(
          "scopes.default is " + defaultScope.id() + ", which scopes.allowed does not hold");
    }

    Set<String> names = params.shape().names();
    this.tags =
        file.get("tags")
            .valueStream()
            .map(tag -> TagTemplate.compile(tag.textValue(), names))
            .toList();
    this.costScore = costScore(file.get("costScore"), names);

    this.negativeTtlMs = file.get("negativeTtlMs").longValue();
    this.maxAttempts = file.get("retry").get("maxAttempts").intValue();
    this.backoffMs =
        file.get("retry").get("backoffMs").valueStream().map(JsonNode::asLong).toList();
    this.runLimitMs = file.get("runLimitMs").longValue();
    this.purity = Purity.valueOf(upper(file.get("purity")));
    this.caching = caching(file.path("caching"));
    this.lifetimes = Lifetimes.of(file, caching, purity == Purity.EFFECT);
    this.load = Load.valueOf(upper(file.get("load")));
  }

  /// Reads a definition file.
  ///
  /// @throws IllegalArgumentException when it is not a good one, says why
  public static TypeDefinition parse(byte[] file) {
    try {
      ObjectNode definition = StrictJson.parse(file);
      FILE.apply(definition);
      return new TypeDefinition(definition);
    } catch (RejectedException e) {
      Rejection rejection = e.rejection();
      String where = rejection.field().isEmpty() ? "" : rejection.field() + ": ";
      throw new IllegalArgumentException(where + rejection.message(), e);
    }
  }

  public String type() {
    return type;
  }

  /// The version of the key recipe; it is hashed.
  public int version() {
    return version;
  }

  public String description() {
    return description;
  }

  /// The JSON schema of params as the file has it.
  public ObjectNode paramsSchema() {
    return paramsSchema.deepCopy();
  }

  public boolean allows(Scope scope) {
    return scopes.contains(scope);
  }

  /// The allowed scopes by name, for a message.
  String allowedScopes() {
    return scopes.stream().map(Scope::id).collect(Collectors.joining(", "));
  }

  public Scope defaultScope() {
    return defaultScope;
  }

  public Purity purity() {
    return purity;
  }

  public Load load() {
    return load;
  }

  /// Completes, checks and orders params in place.
  ///
  /// @throws RejectedException when they do not fit the schema
  void complete(ObjectNode given) {
    params.apply(given);
  }

  /// The derived tags of these params with `own`, each once, in order.
  ///
  /// @throws RejectedException when a param makes no tag
  List<String> tags(JsonNode completed, List<String> own) {
    var all = new TreeSet<String>(own);
    for (TagTemplate template : tags) {
      Optional<String> tag = template.fill(completed);
      tag.ifPresent(all::add);
    }
    return List.copyOf(all);
  }

  /// What the type says about running and keeping the answer to these params.
  ///
  /// @param tier of whoever asks
  public Policy policy(JsonNode completed, Tier tier) {
    return new Policy(
        lifetimes.ttl(tier).ms(),
        negativeTtlMs,
        maxAttempts,
        backoffMs,
        runLimitMs,
        purity == Purity.EFFECT,
        costScore.of(completed),
        caching);
  }

  @Override
  public String toString() {
    return type + " v" + version;
  }

  private static SchemaCheck checkedParams(ObjectNode schema) {
    if (!"object".equals(schema.path("type").asText())) {
      throw new IllegalArgumentException("params must be a schema of type object");
    }
    SchemaCheck check = SchemaCheck.compile(schema, "params");
    var personal =
        check.shape().allNames().stream().filter(TypeDefinition::isPersonal).sorted().toList();
    if (!personal.isEmpty()) {
      throw new IllegalArgumentException(
          "params must not hold "
              + String.join(", ", personal)
              + ": they say who asks, and the same question of two people would get two hashes");
    }
    return check;
  }

  private static boolean isPersonal(String name) {
    return PERSONAL.contains(name.toLowerCase(Locale.ROOT).replace("_", "").replace("-", ""));
  }

  private static @Nullable Caching caching(JsonNode rules) {
    if (rules.isMissingNode()) {
      return null;
    }
    var input = whole(rules, "maxInputBytes");
    return new Caching(
        whole(rules, "staleWhileRevalidateMs"),
        number(rules, "refreshBeta"),
        whole(rules, "minTtlMs"),
        whole(rules, "maxTtlMs"),
        number(rules, "minConfidence"),
        input == null ? null : (Integer) input.intValue(),
        whole(rules, "maxResultBytes"));
  }

  private static @Nullable Long whole(JsonNode rules, String name) {
    var value = rules.get(name);
    return value == null ? null : (Long) value.longValue();
  }

  private static @Nullable Double number(JsonNode rules, String name) {
    var value = rules.get(name);
    return value == null ? null : (Double) value.doubleValue();
  }

  private static CostScore costScore(JsonNode score, Set<String> names) {
    var per = new HashMap<String, Double>();
    var unknown = new ArrayList<String>();
    score
        .get("per")
        .properties()
        .forEach(weight -> {
          per.put(weight.getKey(), weight.getValue().doubleValue());
          if (!names.contains(weight.getKey())) {
            unknown.add(weight.getKey() + Nearest.hint(weight.getKey(), names));
          }
        });
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(
          "costScore.per names no param: " + String.join(", ", unknown));
    }
    return new CostScore(score.get("base").doubleValue(), per);
  }

  private static String upper(JsonNode name) {
    return name.textValue().toUpperCase(Locale.ROOT);
  }

  private static ObjectNode fileSchema() {
    try (var in = TypeDefinition.class.getResourceAsStream("type-definition.schema.json")) {
      if (in == null) {
        throw new IllegalStateException("type-definition.schema.json is not on the class path");
      }
      return StrictJson.parse(in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read type-definition.schema.json", e);
    }
  }
}
