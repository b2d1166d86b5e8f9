package dev.millrace.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.ValueCommand;
import dev.millrace.contracts.ValueReply;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The values of one namespace. Every call may throw a [ValuesException].
public final class Namespace<V> {

  private final Values values;
  private final String name;
  private final ObjectReader reader;

  Namespace(Values values, String name, ObjectReader reader) {
    this.values = values;
    this.name = Key.raw(name).toString();
    this.reader = reader;
  }

  /// A counter after an increment.
  ///
  /// @param endsAt when it begins anew; null: never
  public record Count(long value, @Nullable Instant endsAt) {}

  /// The value of a key, when there is one.
  public Optional<Kept<V>> get(Key key) {
    var reply = call(new ValueCommand.Get(id(), null, name, key.toString()));
    return found(reply) ? Optional.of(kept(reply)) : Optional.empty();
  }

  /// Whether there is a value.
  public boolean exists(Key key) {
    return found(call(new ValueCommand.Exists(id(), null, name, key.toString())));
  }

  /// Keeps a value in the place of what was there.
  ///
  /// @return whether there was one
  public boolean set(Key key, V value, Keep keep) {
    return found(call(set(key, value, keep, null)));
  }

  /// Keeps a value where there is none.
  ///
  /// @return the one that was there, and stays
  public Optional<V> setIfAbsent(Key key, V value, Keep keep) {
    var reply = call(set(key, value, keep, true));
    return found(reply) ? Optional.of(read(reply.value())) : Optional.empty();
  }

  /// Forgets a value.
  ///
  /// @return whether there was one
  public boolean delete(Key key) {
    return found(call(new ValueCommand.Delete(id(), null, name, key.toString())));
  }

  /// Adds to a counter that goes on as long as the policy of its kind says.
  public Count increment(Key key, long by) {
    return count(key, by, null);
  }

  /// Adds to a counter that begins anew so long after its first increment.
  public Count increment(Key key, long by, Duration window) {
    return count(key, by, window.toMillis());
  }

  /// Those values of up to 100 keys that are there.
  public Map<Key, V> getAll(Collection<Key> keys) {
    var texts = keys.stream().map(Key::toString).distinct().toList();
    var reply = call(new ValueCommand.GetMany(id(), null, name, texts, null));
    var found = reply.values() == null ? Map.<String, JsonNode>of() : reply.values();
    var all = new LinkedHashMap<Key, V>();
    for (var key : keys) {
      var value = found.get(key.toString());
      if (value != null) {
        all.put(key, read(value));
      }
    }
    return all;
  }

  /// Keeps up to 100 values; those of one partition together.
  public void setAll(Map<Key, V> all, Keep keep) {
    var json =
        all.entrySet().stream()
            .collect(
                Collectors.toMap(
                    entry -> entry.getKey().toString(), entry -> write(entry.getValue())));
    var _ = call(new ValueCommand.SetMany(id(), null, name, json, keep.ttlMs(), keep.ttl(), null));
  }

  /// Forgets every value of a kind, and all whose key goes on behind this one. A key that was too
  /// long and became a digest goes only with its whole kind.
  public void deleteBelow(Key key) {
    deletePrefix(key + ":");
  }

  /// Forgets every value of the namespace.
  public void deleteAll() {
    deletePrefix("");
  }

  /// The value of a key, else the one that `supplier` makes. It is asked once here, but not only
  /// here: whoever keeps theirs first decides, and all get that one.
  public V getOrSet(Key key, Keep keep, Supplier<V> supplier) {
    return get(key)
        .map(Kept::value)
        .orElseGet(() -> {
          V value = supplier.get();
          return setIfAbsent(key, value, keep).orElse(value);
        });
  }

  /// The value of a key, else the result of a request, which is then kept. All who ask at once,
  /// here or elsewhere, wait for one computation.
  ///
  /// @param request as for `POST /v1/requests`, such as `Map.of("type", …, "params", …)`
  /// @param wait how long to wait for it, in whole seconds
  /// @return empty when it is not done by then; it goes on, and may be asked for again
  public Optional<V> getOrCompute(Key key, Object request, Keep keep, Duration wait) {
    var body = Json.MAPPER.createObjectNode();
    body.set("request", Json.MAPPER.valueToTree(request));
    if (keep.ttlMs() != null) {
      body.put("ttlMs", keep.ttlMs());
    } else if (keep.ttl() != null) {
      body.put("ttl", keep.ttl());
    }
    var answer = values.post("/v1/values/" + name + "/" + key + "/compute", body, wait);
    return answer.status() == 200
        ? Optional.of(read(answer.json().get("value")))
        : Optional.empty();
  }

  private ValueCommand set(Key key, V value, Keep keep, @Nullable Boolean ifAbsent) {
    return new ValueCommand.Set(
        id(), null, name, key.toString(), write(value), ifAbsent, keep.ttlMs(), keep.ttl());
  }

  private Count count(Key key, long by, @Nullable Long windowMs) {
    var command = new ValueCommand.Increment(id(), null, name, key.toString(), by, windowMs);
    var reply = call(command);
    return new Count(present(reply.value()).longValue(), reply.expiresAt());
  }

  private void deletePrefix(String prefix) {
    var _ = call(new ValueCommand.DeletePrefix(id(), null, name, prefix, null));
  }

  private ValueReply call(ValueCommand command) {
    var answer = values.post("/v1/values", Json.MAPPER.valueToTree(command), null);
    try {
      return present(Json.MAPPER.treeToValue(answer.json(), ValueReply.class));
    } catch (IOException e) {
      throw ValuesException.unreadable("the answer is no reply", e);
    }
  }

  private Kept<V> kept(ValueReply reply) {
    return new Kept<>(read(reply.value()), reply.expiresAt());
  }

  private V read(@Nullable JsonNode value) {
    try {
      V read = reader.readValue(present(value));
      return present(read);
    } catch (IOException e) {
      throw ValuesException.unreadable("the value is no " + reader.getValueType(), e);
    }
  }

  private JsonNode write(V value) {
    return Json.MAPPER.valueToTree(value);
  }

  private static <T> T present(@Nullable T value) {
    if (value == null) {
      throw ValuesException.unreadable("the answer says nothing", null);
    }
    return value;
  }

  private static boolean found(ValueReply reply) {
    return Boolean.TRUE.equals(reply.found());
  }

  /// Names a command, so that it counts once however often it is sent.
  private static String id() {
    return UUID.randomUUID().toString();
  }
}
