package dev.millrace.runtime.request;

import static dev.millrace.contracts.RejectionCode.E_SCHEMA;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// How long each named kind of cached value is kept: `cache-policies.json` beside this class, and a
/// file of an operator whose policies win.
///
/// ```json
/// {"default": {"ttl": "medium"}, "systemHealth": {"ttlMs": 60000}, "featureFlags": {"ttl": "none"}}
/// ```
public final class CachePolicies {

  private static final String SHIPPED = "cache-policies.json";
  static final String DEFAULT = "default";

  private final Map<String, Ttl> byName;

  private CachePolicies(Map<String, Ttl> byName) {
    this.byName = Collections.unmodifiableMap(new TreeMap<>(byName));
  }

  /// Loads the shipped policies and those of one file more.
  ///
  /// @param file the setting `cache.policies.file`; null when there is none
  /// @throws IllegalArgumentException when the file has no good policies, says where and why
  public static CachePolicies load(@Nullable Path file) {
    try (var shipped =
        Objects.requireNonNull(CachePolicies.class.getResourceAsStream(SHIPPED), SHIPPED)) {
      var byName = policies(SHIPPED, shipped.readAllBytes());
      if (file != null) {
        byName.putAll(policies(file.toString(), Files.readAllBytes(file)));
      }
      return new CachePolicies(byName);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the cache policies: " + e.getMessage(), e);
    }
  }

  /// How long values of the kind `name` are kept: as its policy says, else as the default does.
  public Ttl ttl(String name) {
    return byName.getOrDefault(name, Objects.requireNonNull(byName.get(DEFAULT)));
  }

  /// How long values of the kind `name` are kept, when it has a policy of its own.
  public Optional<Ttl> find(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  /// The names that have a policy, in order.
  public SortedSet<String> names() {
    return Collections.unmodifiableSortedSet(new TreeSet<>(byName.keySet()));
  }

  private static Map<String, Ttl> policies(String place, byte[] file) {
    try {
      var byName = new TreeMap<String, Ttl>();
      for (Map.Entry<String, JsonNode> policy : StrictJson.parse(file).properties()) {
        byName.put(policy.getKey(), ttl(policy.getKey(), policy.getValue()));
      }
      return byName;
    } catch (RejectedException e) {
      var rejection = e.rejection();
      var field = rejection.field().isEmpty() ? "" : rejection.field() + ": ";
      throw new IllegalArgumentException(place + ": " + field + rejection.message(), e);
    }
  }

  private static Ttl ttl(String name, JsonNode policy) {
    var ttl =
        policy instanceof ObjectNode fields
            ? Ttl.in(new Fields(fields, name, Set.of("ttl", "ttlMs")))
            : null;
    if (ttl == null) {
      throw new RejectedException(
          E_SCHEMA, "expected an object with ttl or ttlMs, such as {\"ttl\":\"medium\"}", name);
    }
    return ttl;
  }
}
