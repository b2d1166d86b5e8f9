package dev.millrace.cache.values;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.millrace.contracts.RejectionCode;
import dev.millrace.contracts.ValueCommand;
import dev.millrace.contracts.ValueKey;
import dev.millrace.contracts.ValueReply;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// What the values must be, as the plainest program that knows: a map, from which everything that
/// is gone is taken out at once. And commands for it, drawn at random from few keys, so that they
/// meet often.
public final class ValueModel {

  private static final List<String> NAMESPACES = List.of("workspace:ws_1", "workspace:ws_2", "a");
  private static final List<String> KEYS =
      List.of("user:1", "user:2", "user:21", "user", "u", "featureFlags", "systemHealth", "n");
  private static final List<String> PREFIXES = List.of("", "u", "user:", "user:2", "n", "x");
  private static final List<String> NAMED = List.of("short", "long", "none");

  private final Map<ValueKey, Kept> kept = new HashMap<>();

  private record Kept(JsonNode value, @Nullable Instant expiresAt) {}

  /// What a command must be answered.
  public record Expected(
      boolean ok,
      @Nullable Boolean found,
      @Nullable JsonNode value,
      @Nullable Map<String, JsonNode> values,
      @Nullable Instant expiresAt,
      @Nullable RejectionCode code) {

    /// The same of a reply.
    public static Expected of(ValueReply reply) {
      return new Expected(
          reply.ok(),
          reply.found(),
          reply.value(),
          reply.values(),
          reply.expiresAt(),
          reply.code());
    }

    private static Expected found(boolean found) {
      return new Expected(true, found, null, null, null, null);
    }
  }

  /// A command at random.
  public static ValueCommand command(RandomGenerator random, String id) {
    var namespace = one(NAMESPACES, random);
    var key = one(KEYS, random);
    return switch (random.nextInt(12)) {
      case 0, 1 -> new ValueCommand.Get(id, null, namespace, key);
      case 2 -> new ValueCommand.Exists(id, null, namespace, key);
      case 3, 4 ->
          new ValueCommand.Set(
              id, null, namespace, key, value(random), random.nextBoolean(), null, null);
      case 5 ->
          new ValueCommand.Set(
              id, null, namespace, key, value(random), null, null, one(NAMED, random));
      case 6 -> new ValueCommand.Delete(id, null, namespace, key);
      case 7, 8 ->
          new ValueCommand.Increment(
              id, null, namespace, key, random.nextLong(-3, 9), random.nextLong(1, 90_000));
      case 9 -> new ValueCommand.GetMany(id, null, namespace, several(random), 1);
      case 10 -> {
        var values = new LinkedHashMap<String, JsonNode>();
        several(random).forEach(each -> values.put(each, value(random)));
        yield new ValueCommand.SetMany(
            id, null, namespace, values, random.nextLong(1, 90_000), null, 1);
      }
      default -> new ValueCommand.DeletePrefix(id, null, namespace, one(PREFIXES, random), 1);
    };
  }

  /// Carries a command out.
  public Expected apply(ValueCommand command, Instant now) {
    kept.values().removeIf(it -> it.expiresAt() != null && !it.expiresAt().isAfter(now));
    return switch (command) {
      case ValueCommand.Get get -> found(kept.get(get.valueKey()));
      case ValueCommand.Exists exists -> Expected.found(kept.containsKey(exists.valueKey()));
      case ValueCommand.Set set -> {
        var there = kept.get(set.valueKey());
        if (there != null && Boolean.TRUE.equals(set.ifAbsent())) {
          yield found(there);
        }
        var expiresAt = expiry(set.valueKey(), set.ttlMs(), set.ttl(), now);
        kept.put(set.valueKey(), new Kept(set.value(), expiresAt));
        yield new Expected(true, there != null, null, null, expiresAt, null);
      }
      case ValueCommand.Delete delete -> Expected.found(kept.remove(delete.valueKey()) != null);
      case ValueCommand.Increment increment -> increment(increment, now);
      case ValueCommand.GetMany many -> {
        var values = new LinkedHashMap<String, JsonNode>();
        for (var key : many.keys()) {
          var there = kept.get(new ValueKey(many.namespace(), key));
          if (there != null) {
            values.put(key, there.value());
          }
        }
        yield new Expected(true, null, null, values, null, null);
      }
      case ValueCommand.SetMany many -> {
        many.values()
            .forEach((name, value) -> {
              var key = new ValueKey(many.namespace(), name);
              kept.put(key, new Kept(value, expiry(key, many.ttlMs(), many.ttl(), now)));
            });
        yield new Expected(true, null, null, null, null, null);
      }
      case ValueCommand.DeletePrefix prefix -> {
        kept.keySet()
            .removeIf(key ->
                key.namespace().equals(prefix.namespace())
                    && key.key().startsWith(prefix.prefix()));
        yield new Expected(true, null, null, null, null, null);
      }
    };
  }

  private Expected increment(ValueCommand.Increment increment, Instant now) {
    var there = kept.get(increment.valueKey());
    if (there != null && !there.value().isIntegralNumber()) {
      return new Expected(false, null, null, null, null, RejectionCode.E_CONFLICT);
    }
    long by = increment.by() == null ? 1 : increment.by();
    var count = LongNode.valueOf(there == null ? by : there.value().longValue() + by);
    var expiresAt =
        there == null
            ? expiry(increment.valueKey(), increment.windowMs(), null, now)
            : there.expiresAt();
    kept.put(increment.valueKey(), new Kept(count, expiresAt));
    return new Expected(true, there != null, count, null, expiresAt, null);
  }

  private static Expected found(@Nullable Kept there) {
    return there == null
        ? Expected.found(false)
        : new Expected(true, true, there.value(), null, there.expiresAt(), null);
  }

  /// The shipped policies: of the keys here two have one, all others are kept for five minutes.
  private static @Nullable Instant expiry(
      ValueKey key, @Nullable Long ttlMs, @Nullable String name, Instant now) {
    if (ttlMs != null) {
      return now.plusMillis(ttlMs);
    }
    var kind = name != null ? name : key.key();
    return switch (kind) {
      case "none", "featureFlags" -> null;
      case "short", "systemHealth" -> now.plus(Duration.ofMinutes(1));
      case "long" -> now.plus(Duration.ofHours(1));
      default -> now.plus(Duration.ofMinutes(5));
    };
  }

  private static JsonNode value(RandomGenerator random) {
    return random.nextBoolean()
        ? IntNode.valueOf(random.nextInt(100))
        : TextNode.valueOf("text " + random.nextInt(100));
  }

  private static List<String> several(RandomGenerator random) {
    var keys = new LinkedHashSet<String>();
    for (int i = random.nextInt(1, 4); i > 0; i--) {
      keys.add(one(KEYS, random));
    }
    return new ArrayList<>(keys);
  }

  private static String one(List<String> all, RandomGenerator random) {
    return all.get(random.nextInt(all.size()));
  }
}
