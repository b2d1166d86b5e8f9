package dev.millrace.contracts;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Something a caller wants done with values of the key/value cache. Anyone produces it; intake
/// gives it an id and an origin and sends it to the partition that keeps the key. What is about
/// several keys goes to each partition concerned, as one of `parts`.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "op")
@JsonSubTypes({
  @JsonSubTypes.Type(value = ValueCommand.Get.class, name = "get"),
  @JsonSubTypes.Type(value = ValueCommand.Exists.class, name = "exists"),
  @JsonSubTypes.Type(value = ValueCommand.Set.class, name = "set"),
  @JsonSubTypes.Type(value = ValueCommand.Delete.class, name = "delete"),
  @JsonSubTypes.Type(value = ValueCommand.Increment.class, name = "increment"),
  @JsonSubTypes.Type(value = ValueCommand.GetMany.class, name = "mget"),
  @JsonSubTypes.Type(value = ValueCommand.SetMany.class, name = "mset"),
  @JsonSubTypes.Type(value = ValueCommand.DeletePrefix.class, name = "delete-prefix"),
})
@JsonInclude(JsonInclude.Include.NON_NULL)
public sealed interface ValueCommand {

  /// Identifies the command in replies, and makes it count once; its origin unless the sender gave
  /// one.
  @Nullable String commandId();

  /// Where the command stood; null before intake.
  @Nullable Origin origin();

  /// Whose values it is about. Nothing is shared between namespaces.
  String namespace();

  /// This command with its id and origin.
  ValueCommand admitted(String commandId, Origin origin);

  /// The command's name, as in JSON.
  default String op() {
    return switch (this) {
      case Get _ -> "get";
      case Exists _ -> "exists";
      case Set _ -> "set";
      case Delete _ -> "delete";
      case Increment _ -> "increment";
      case GetMany _ -> "mget";
      case SetMany _ -> "mset";
      case DeletePrefix _ -> "delete-prefix";
    };
  }

  /// A command about one key.
  sealed interface OneKey extends ValueCommand permits Get, Exists, Set, Delete, Increment {

    String key();

    default ValueKey valueKey() {
      return new ValueKey(namespace(), key());
    }
  }

  /// Read one value.
  record Get(@Nullable String commandId, @Nullable Origin origin, String namespace, String key)
      implements OneKey {
    @Override
    public Get admitted(String commandId, Origin origin) {
      return new Get(commandId, origin, namespace, key);
    }
  }

  /// Ask whether there is a value.
  record Exists(@Nullable String commandId, @Nullable Origin origin, String namespace, String key)
      implements OneKey {
    @Override
    public Exists admitted(String commandId, Origin origin) {
      return new Exists(commandId, origin, namespace, key);
    }
  }

  /// Keep a value. It takes the place of what was there, expiry included.
  ///
  /// @param ifAbsent true: only where there is none
  /// @param ttlMs how long; or
  /// @param ttl how long, by name; with neither the policy of its kind decides
  record Set(
      @Nullable String commandId,
      @Nullable Origin origin,
      String namespace,
      String key,
      JsonNode value,
      @Nullable Boolean ifAbsent,
      @Nullable Long ttlMs,
      @Nullable String ttl)
      implements OneKey {
    @Override
    public Set admitted(String commandId, Origin origin) {
      return new Set(commandId, origin, namespace, key, value, ifAbsent, ttlMs, ttl);
    }
  }

  /// Forget one value.
  record Delete(@Nullable String commandId, @Nullable Origin origin, String namespace, String key)
      implements OneKey {
    @Override
    public Delete admitted(String commandId, Origin origin) {
      return new Delete(commandId, origin, namespace, key);
    }
  }

  /// Count: add to a whole number, which begins at 0.
  ///
  /// @param by what is added; null: 1
  /// @param windowMs how long after its first increment the count begins anew; null: as long as the
  ///   policy of its kind says
  record Increment(
      @Nullable String commandId,
      @Nullable Origin origin,
      String namespace,
      String key,
      @Nullable Long by,
      @Nullable Long windowMs)
      implements OneKey {
    @Override
    public Increment admitted(String commandId, Origin origin) {
      return new Increment(commandId, origin, namespace, key, by, windowMs);
    }
  }

  /// Read several values of a namespace.
  ///
  /// @param parts behind intake: how many partitions answer
  record GetMany(
      @Nullable String commandId,
      @Nullable Origin origin,
      String namespace,
      List<String> keys,
      @Nullable Integer parts)
      implements ValueCommand {

    public GetMany {
      keys = List.copyOf(keys);
    }

    @Override
    public GetMany admitted(String commandId, Origin origin) {
      return new GetMany(commandId, origin, namespace, keys, parts);
    }
  }

  /// Keep several values of a namespace. Those of one partition are set together, but not those of
  /// different ones.
  ///
  /// @param parts behind intake: how many partitions answer
  record SetMany(
      @Nullable String commandId,
      @Nullable Origin origin,
      String namespace,
      Map<String, JsonNode> values,
      @Nullable Long ttlMs,
      @Nullable String ttl,
      @Nullable Integer parts)
      implements ValueCommand {

    public SetMany {
      values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    @Override
    public SetMany admitted(String commandId, Origin origin) {
      return new SetMany(commandId, origin, namespace, values, ttlMs, ttl, parts);
    }
  }

  /// Forget every value of a namespace whose key begins so.
  ///
  /// @param prefix empty: all of the namespace
  /// @param parts behind intake: how many partitions answer
  record DeletePrefix(
      @Nullable String commandId,
      @Nullable Origin origin,
      String namespace,
      String prefix,
      @Nullable Integer parts)
      implements ValueCommand {
    @Override
    public DeletePrefix admitted(String commandId, Origin origin) {
      return new DeletePrefix(commandId, origin, namespace, prefix, parts);
    }
  }
}
