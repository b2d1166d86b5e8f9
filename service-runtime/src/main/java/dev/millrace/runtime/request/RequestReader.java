package dev.millrace.runtime.request;

import static dev.millrace.contracts.RejectionCode.E_ID;
import static dev.millrace.contracts.RejectionCode.E_INTERNAL;
import static dev.millrace.contracts.RejectionCode.E_SCHEMA;
import static dev.millrace.contracts.RejectionCode.E_SIZE;
import static dev.millrace.contracts.RejectionCode.E_TYPE;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.Scope;
import dev.millrace.contracts.Tier;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads a request: bytes in, a checked and hashed request or a precise rejection out.
///
/// ```
/// bytes ─▶ StrictJson ─▶ Envelope ─▶ TypeDefinition ─▶ SchemaCheck ─▶ CanonicalJson ─▶ RequestHasher
///           tree          who, how     what it is       complete,      one spelling      identity
///                                                       valid, sorted
/// ```
///
/// It is a function of the bytes, the tier, the type definitions and the organizations' keys alone:
/// no clock, no chance, no memory. Threads may share it.
public final class RequestReader {

  private static final Logger LOG = LoggerFactory.getLogger(RequestReader.class);

  private final TypeDefinitions types;
  private final RequestHasher hasher;

  public RequestReader(TypeDefinitions types, RequestHasher hasher) {
    this.types = types;
    this.hasher = hasher;
  }

  public RequestReader(TypeDefinitions types) {
    this(types, RequestHasher.KEYLESS);
  }

  /// Reads one request. Never throws, whatever the bytes are.
  ///
  /// @param topicTier the tier of the topic it came on; it wins over the request's own word
  public Reading read(byte @Nullable [] value, Tier topicTier) {
    try {
      return new Reading.Accepted(check(StrictJson.parse(value), topicTier));
    } catch (RejectedException e) {
      return new Reading.Rejected(e.rejection());
    } catch (RuntimeException e) {
      LOG.error("Reading a request failed: this is a defect, the request is rejected", e);
      return new Reading.Rejected(
          new Rejection(E_INTERNAL, "reading the request failed: " + e.getClass().getName(), ""));
    }
  }

  /// What was hashed for a request that was admitted long ago. Empty when this reader would hash it
  /// otherwise: another version of the type, or an organization's key.
  public Optional<KeyRecipe> recipe(
      RequestHash hash,
      String type,
      Scope scope,
      String scopeKey,
      @Nullable String organizationId,
      String canonicalParams) {
    return types
        .find(type)
        .map(it -> new KeyRecipe(type, it.version(), scopeKey, canonicalParams))
        .filter(recipe -> hasher.hash(recipe, scope, organizationId).equals(hash));
  }

  /// Checks a request that was parsed already, and completes its params where they stand.
  ///
  /// @throws RejectedException when it is none
  CheckedRequest check(ObjectNode request, Tier tier) {
    var envelope = Envelope.read(request);
    TypeDefinition type = type(request.get("type"));
    JsonNode given = request.get("params");
    if (!(given instanceof ObjectNode params)) {
      throw new RejectedException(
          E_SCHEMA, given == null ? "missing: expected an object" : "expected an object", "params");
    }
    Scope scope = envelope.resolveScope(type);
    type.complete(params);
    String canonical = canonical(params);
    var recipe =
        new KeyRecipe(
            type.type(),
            type.version(),
            KeyRecipe.scopeKey(
                scope, envelope.organizationId(), envelope.workspaceId(), envelope.userId()),
            canonical);
    var fields = new ArrayList<String>();
    request.fieldNames().forEachRemaining(fields::add);

    return new CheckedRequest(
        type.type(),
        hasher.hash(recipe, scope, envelope.organizationId()),
        tier,
        envelope.tier(),
        envelope.requestId(),
        envelope.organizationId(),
        envelope.userId(),
        envelope.workspaceId(),
        scope,
        envelope.mode(),
        envelope.ttlMs(),
        envelope.maxStaleMs(),
        type.tags(params, envelope.ownTags()),
        envelope.timeoutMs(),
        envelope.deadline(),
        envelope.maxAttempts(),
        envelope.email(),
        envelope.traceparent(),
        type.policy(params, tier),
        CanonicalJson.parse(canonical),
        recipe,
        fields);
  }

  private TypeDefinition type(@Nullable JsonNode given) {
    if (given == null) {
      throw new RejectedException(
          E_SCHEMA, "missing: expected one of " + String.join(", ", types.names()), "type");
    }
    if (!given.isTextual()) {
      throw new RejectedException(
          E_SCHEMA, "expected a string, one of " + String.join(", ", types.names()), "type");
    }
    String name = given.textValue();
    if (name.chars().anyMatch(c -> c > 0x7f)) {
      throw new RejectedException(E_ID, "expected " + Identifiers.TYPE_EXPECTED, "type");
    }
    if (!Identifiers.isType(name)) {
      throw new RejectedException(
          E_TYPE,
          "expected " + Identifiers.TYPE_EXPECTED + ", got " + Printable.quoted(name),
          "type");
    }
    return types
        .find(name)
        .orElseThrow(() -> {
          String hint = Nearest.hint(name, types.names());
          return new RejectedException(
              E_TYPE,
              "unknown type '"
                  + name
                  + "'"
                  + (hint.isEmpty()
                      ? ": expected one of " + String.join(", ", types.names())
                      : hint),
              "type");
        });
  }

  private static String canonical(ObjectNode params) {
    String canonical = CanonicalJson.of(params);
    int bytes = canonical.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > StrictJson.MAX_BYTES) {
      throw new RejectedException(
          E_SIZE,
          "the canonical form has " + bytes + " bytes: at most " + StrictJson.MAX_BYTES,
          "params");
    }
    return canonical;
  }
}
