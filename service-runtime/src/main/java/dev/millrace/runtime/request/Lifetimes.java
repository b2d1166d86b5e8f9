package dev.millrace.runtime.request;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.contracts.Policy.Caching;
import dev.millrace.contracts.Tier;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// How long the answers of a type are good, for each tier.
record Lifetimes(Map<Tier, Ttl> byTier) {

  private static final Ttl USUAL = new Ttl(Duration.ofDays(1).toMillis());

  private static final CachePolicies SHIPPED = CachePolicies.load(null);

  Lifetimes {
    byTier = Map.copyOf(byTier);
  }

  /// Reads `ttl`, `ttlMs` and `tiers` of a type's file.
  ///
  /// @param file valid by its schema
  /// @throws IllegalArgumentException when they contradict themselves or `caching`
  static Lifetimes of(JsonNode file, @Nullable Caching caching, boolean effect) {
    if (caching != null) {
      check(caching, effect);
    }
    var all = read(file, "").orElse(USUAL);
    var byTier = new EnumMap<Tier, Ttl>(Tier.class);
    for (var tier : Tier.values()) {
      var given = file.path("tiers").path(tier.id());
      byTier.put(tier, read(given, "tiers." + tier.id() + ".").orElse(all));
    }
    if (caching != null && caching.adapts()) {
      checkAdaptive(file, caching, all);
    }
    return new Lifetimes(byTier);
  }

  Ttl ttl(Tier tier) {
    return byTier.getOrDefault(tier, USUAL);
  }

  private static Optional<Ttl> read(JsonNode given, String path) {
    var name = given.get("ttl");
    var ms = given.get("ttlMs");
    if (name == null) {
      return Optional.ofNullable(ms).map(it -> new Ttl(it.isNull() ? null : it.longValue()));
    }
    if (ms != null) {
      throw new IllegalArgumentException(
          path + "ttl: expected no ttl beside ttlMs, got " + Printable.quoted(name.textValue()));
    }
    return Optional.of(named(name.textValue(), path));
  }

  private static Ttl named(String name, String path) {
    var names = names();
    if (!names.contains(name)) {
      throw new IllegalArgumentException(
          path
              + "ttl: expected one of "
              + String.join(", ", names)
              + Nearest.hint(name, names)
              + ", got "
              + Printable.quoted(name));
    }
    return Ttl.named(name).or(() -> SHIPPED.find(name)).orElseThrow();
  }

  /* What is kept without a policy of its own is no kind of thing a type could be. */
  private static List<String> names() {
    var names = new ArrayList<>(Ttl.NAMES);
    SHIPPED.names().stream()
        .filter(name -> !name.equals(CachePolicies.DEFAULT))
        .forEach(names::add);
    return names;
  }

  private static void check(Caching caching, boolean effect) {
    boolean ahead = caching.refreshBeta() != null && caching.refreshBeta() > 0;
    if (effect && (ahead || caching.staleWhileRevalidateMs() != null)) {
      throw new IllegalArgumentException(
          (ahead ? "caching.refreshBeta" : "caching.staleWhileRevalidateMs")
              + ": expected none with purity effect, which nothing may run unasked");
    }
    if ((caching.minTtlMs() == null) != (caching.maxTtlMs() == null)) {
      throw new IllegalArgumentException(
          "caching: expected both minTtlMs and maxTtlMs or neither, got "
              + (caching.minTtlMs() == null ? "maxTtlMs" : "minTtlMs")
              + " alone");
    }
  }

  private static void checkAdaptive(JsonNode file, Caching caching, Ttl first) {
    long min = Objects.requireNonNull(caching.minTtlMs());
    long max = Objects.requireNonNull(caching.maxTtlMs());
    if (min > max) {
      throw new IllegalArgumentException(
          "caching.minTtlMs: expected at most maxTtlMs, which is " + max + ", got " + min);
    }
    if (!file.path("tiers").isEmpty()) {
      throw new IllegalArgumentException(
          "tiers: expected none beside caching.minTtlMs, by which one TTL adapts for all tiers");
    }
    if (first.ms() == null || first.ms() < min || first.ms() > max) {
      throw new IllegalArgumentException(
          "ttlMs: expected to begin between caching.minTtlMs and maxTtlMs, from "
              + min
              + " to "
              + max
              + ", got "
              + (first.ms() == null ? "none" : first.ms()));
    }
  }
}
