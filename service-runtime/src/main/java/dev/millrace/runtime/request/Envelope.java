package dev.millrace.runtime.request;

import static dev.millrace.contracts.RejectionCode.E_EMAIL;
import static dev.millrace.contracts.RejectionCode.E_ID;
import static dev.millrace.contracts.RejectionCode.E_SCHEMA;
import static dev.millrace.contracts.RejectionCode.E_SCOPE;
import static dev.millrace.contracts.RejectionCode.E_TAGS;
import static dev.millrace.contracts.RejectionCode.E_TENANT;
import static dev.millrace.contracts.RejectionCode.E_VERSION;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.contracts.CacheMode;
import dev.millrace.contracts.Scope;
import dev.millrace.contracts.Tier;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Everything a request says beside its type and params: who asks, and how they want to be
/// answered.
record Envelope(
    @Nullable Tier tier,
    @Nullable String requestId,
    @Nullable String organizationId,
    @Nullable String userId,
    @Nullable String workspaceId,
    @Nullable Scope scope,
    CacheMode mode,
    @Nullable Long ttlMs,
    @Nullable Long maxStaleMs,
    List<String> tags,
    @Nullable Long timeoutMs,
    @Nullable Instant deadline,
    @Nullable Integer maxAttempts,
    @Nullable String email,
    @Nullable String traceparent) {

  static final int MAX_TAGS = 32;
  static final long MAX_TTL_MS = 365L * 24 * 3600 * 1000;
  static final long MAX_TIMEOUT_MS = 30L * 24 * 3600 * 1000;
  static final int MAX_ATTEMPTS = 10;

  /// The fields of a request, in the order people meet them.
  static final Set<String> FIELDS =
      ordered(
          "type",
          "params",
          "requestId",
          "organizationId",
          "userId",
          "workspaceId",
          "tier",
          "cache",
          "timeoutMs",
          "deadline",
          "maxAttempts",
          "notify",
          "traceparent",
          "version",
          "schemaVersion");

  private static final Set<String> CACHE_FIELDS =
      ordered("mode", "scope", "ttlMs", "maxStaleMs", "tags");
  private static final Set<String> NOTIFY_FIELDS = Set.of("email");

  private static final List<String> TIERS = Arrays.stream(Tier.values()).map(Tier::id).toList();
  private static final List<String> SCOPES = Arrays.stream(Scope.values()).map(Scope::id).toList();
  private static final List<String> MODES =
      Arrays.stream(CacheMode.values()).map(CacheMode::id).toList();

  private static final int VERSION = 1;
  private static final int LONGEST_EMAIL = 254;
  private static final String HEX = "0123456789abcdef";

  /// Reads the envelope of `request`.
  ///
  /// @throws RejectedException at the first field that is wrong
  static Envelope read(ObjectNode request) {
    // First of all: a later version may well have fields that this one does not know.
    checkVersion(request, "version");
    checkVersion(request, "schemaVersion");
    var fields = new Fields(request, "", FIELDS);
    Fields cache = fields.object("cache", CACHE_FIELDS);
    Fields notify = fields.object("notify", NOTIFY_FIELDS);
    Long maxAttempts = fields.whole("maxAttempts", 1, MAX_ATTEMPTS);
    CacheMode mode = cache == null ? null : cache.choice("mode", MODES, CacheMode.values());
    return new Envelope(
        fields.choice("tier", TIERS, Tier.values()),
        fields.identifier("requestId"),
        organization(fields),
        fields.identifier("userId"),
        fields.identifier("workspaceId"),
        cache == null ? null : cache.choice("scope", SCOPES, Scope.values()),
        mode == null ? CacheMode.DEFAULT : mode,
        cache == null ? null : cache.whole("ttlMs", 1, MAX_TTL_MS),
        cache == null ? null : cache.whole("maxStaleMs", 0, MAX_TTL_MS),
        cache == null ? List.of() : tags(cache),
        fields.whole("timeoutMs", 1, MAX_TIMEOUT_MS),
        fields.time("deadline"),
        maxAttempts == null ? null : maxAttempts.intValue(),
        notify == null ? null : email(notify),
        traceparent(fields));
  }

  /// The scope this request shares in.
  ///
  /// @throws RejectedException when the type does not allow it, or somebody it names is missing
  Scope resolveScope(TypeDefinition type) {
    if (scope != null && !type.allows(scope)) {
      throw new RejectedException(
          E_SCOPE,
          type.type()
              + " does not allow scope "
              + scope.id()
              + ": expected one of "
              + type.allowedScopes(),
          "cache.scope");
    }
    Scope chosen = scope != null ? scope : type.defaultScope();
    if (scope == null && organizationId == null && type.allows(Scope.GLOBAL)) {
      chosen = Scope.GLOBAL;
    }
    if (chosen != Scope.GLOBAL) {
      demand(organizationId, "organizationId", chosen);
    }
    if (chosen == Scope.WORKSPACE) {
      demand(workspaceId, "workspaceId", chosen);
    }
    if (chosen == Scope.PRIVATE) {
      demand(userId, "userId", chosen);
    }
    return chosen;
  }

  /// The request's own tags, and that of its workspace, so that whatever a workspace asked for can
  /// be invalidated. The tag of a very long name is cut: it then stands for its namesakes too.
  List<String> ownTags() {
    if (workspaceId == null) {
      return tags;
    }
    var tag = "workspace:" + workspaceId;
    var all = new ArrayList<>(tags);
    all.add(tag.substring(0, Math.min(tag.length(), Identifiers.LONGEST)));
    return all;
  }

  private static void demand(@Nullable String id, String field, Scope scope) {
    if (id == null) {
      throw new RejectedException(E_TENANT, "missing: scope " + scope.id() + " needs it", field);
    }
  }

  private static void checkVersion(ObjectNode request, String field) {
    JsonNode version = request.get(field);
    if (version != null && !(version.isInt() && version.intValue() == VERSION)) {
      throw new RejectedException(
          E_VERSION,
          "expected version 1 of the request, got " + Printable.plain(version.toString()),
          field);
    }
  }

  private static @Nullable String organization(Fields fields) {
    String id = fields.identifier("organizationId");
    if ("-".equals(id)) {
      throw fields.refuse(
          "organizationId", E_ID, "another name, since - stands for no organization");
    }
    return id;
  }

  private static List<String> tags(Fields cache) {
    JsonNode value = cache.get("tags");
    if (value == null) {
      return List.of();
    }
    if (!(value instanceof ArrayNode array)) {
      throw cache.refuse("tags", E_SCHEMA, "an array of tags");
    }
    if (array.size() > MAX_TAGS) {
      throw cache.refuse("tags", E_TAGS, "at most " + MAX_TAGS + " tags, got " + array.size());
    }
    var tags = new TreeSet<String>();
    for (int i = 0; i < array.size(); i++) {
      JsonNode tag = array.get(i);
      if (!tag.isTextual()) {
        throw cache.refuse("tags", i, E_SCHEMA, "expected a string");
      }
      if (!Identifiers.isValid(tag.textValue())) {
        throw cache.refuse("tags", i, E_ID, "expected " + Identifiers.EXPECTED);
      }
      tags.add(tag.textValue());
    }
    return new ArrayList<>(tags);
  }

  private static @Nullable String email(Fields notify) {
    String expected = "one plain mail address such as ana@example.com";
    String email = notify.text("email", E_EMAIL, expected);
    if (email != null && !isAddress(email)) {
      throw notify.refuse("email", E_EMAIL, expected);
    }
    return email;
  }

  /// Whether `text` is one plain address: no display name, no list, no quoting, nothing a mail
  /// header could be broken with.
  private static boolean isAddress(String text) {
    int at = text.indexOf('@');
    if (at < 1 || at > 64 || at != text.lastIndexOf('@') || text.length() > LONGEST_EMAIL) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c <= ' ' || c > '~' || "()<>[]\",:;\\".indexOf(c) >= 0) {
        return false;
      }
    }
    return isDotted(text.substring(0, at)) && isDotted(text.substring(at + 1));
  }

  private static boolean isDotted(String text) {
    return !text.isEmpty() && !text.startsWith(".") && !text.endsWith(".") && !text.contains("..");
  }

  private static @Nullable String traceparent(Fields fields) {
    String expected = "a W3C trace context such as 00-<32 hex digits>-<16 hex digits>-01";
    String text = fields.text("traceparent", expected);
    if (text != null && !isTraceparent(text)) {
      throw fields.refuse("traceparent", E_SCHEMA, expected);
    }
    return text;
  }

  private static boolean isTraceparent(String text) {
    if (text.length() != 55) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean dash = i == 2 || i == 35 || i == 52;
      if (dash ? c != '-' : HEX.indexOf(c) < 0) {
        return false;
      }
    }
    return true;
  }

  private static Set<String> ordered(String... names) {
    return Collections.unmodifiableSet(new LinkedHashSet<>(List.of(names)));
  }
}
