package dev.millrace.cache.values;

import static dev.millrace.contracts.RejectionCode.E_CONFLICT;
import static dev.millrace.contracts.RejectionCode.E_NUMBER;
import static dev.millrace.contracts.RejectionCode.E_SIZE;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.LongNode;
import dev.millrace.contracts.JsonSerde;
import dev.millrace.contracts.ValueCommand;
import dev.millrace.contracts.ValueKey;
import dev.millrace.runtime.request.StrictJson;
import dev.millrace.runtime.request.Ttl;
import java.time.Instant;
import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;

/// What each command does, as functions of a [ValueStep].
final class ValueRules {

  /// The most bytes of values in one reply, which must fit its topic.
  static final int MAX_REPLY_BYTES = 512 * 1024;

  private static final JsonSerde<JsonNode> JSON = new JsonSerde<>(JsonNode.class);

  private final ValueSettings settings;

  ValueRules(ValueSettings settings) {
    this.settings = settings;
  }

  /// Whether the command changes nothing, so that doing it again does no harm.
  static boolean onlyReads(ValueCommand command) {
    return switch (command) {
      case ValueCommand.Get _, ValueCommand.Exists _, ValueCommand.GetMany _ -> true;
      case ValueCommand.Set _,
          ValueCommand.Delete _,
          ValueCommand.Increment _,
          ValueCommand.SetMany _,
          ValueCommand.DeletePrefix _ ->
          false;
    };
  }

  Answer apply(ValueStep step, ValueCommand command) {
    return switch (command) {
      case ValueCommand.Get get -> Answer.found(step.live(get.valueKey()));
      case ValueCommand.Exists exists -> Answer.found(step.live(exists.valueKey()) != null);
      case ValueCommand.Set set -> set(step, set);
      case ValueCommand.Delete delete -> delete(step, delete.valueKey());
      case ValueCommand.Increment increment -> increment(step, increment);
      case ValueCommand.GetMany many -> getMany(step, many);
      case ValueCommand.SetMany many -> setMany(step, many);
      case ValueCommand.DeletePrefix prefix -> {
        step.drop(prefix.namespace(), prefix.prefix());
        yield Answer.DONE;
      }
    };
  }

  private Answer set(ValueStep step, ValueCommand.Set set) {
    var key = set.valueKey();
    var there = step.live(key);
    if (there != null && Boolean.TRUE.equals(set.ifAbsent())) {
      return Answer.found(there);
    }
    var expiresAt = expiry(step, key, set.ttlMs(), set.ttl());
    return step.put(key, set.value(), expiresAt)
        ? Answer.kept(there != null, null, expiresAt)
        : full();
  }

  private static Answer delete(ValueStep step, ValueKey key) {
    boolean found = step.live(key) != null;
    if (found) {
      step.remove(key, RemovalCause.EXPLICIT);
    }
    return Answer.found(found);
  }

  /// A window is fixed: it begins with its first increment, and later ones do not move its end.
  private Answer increment(ValueStep step, ValueCommand.Increment increment) {
    var key = increment.valueKey();
    var there = step.live(key);
    long by = increment.by() == null ? 1 : increment.by();
    if (there != null && !there.value().isIntegralNumber()) {
      return Answer.refused(E_CONFLICT, "the value is no whole number: it cannot be incremented");
    }
    long count = (there == null ? 0 : there.value().longValue()) + by;
    if (Math.abs(count) > StrictJson.MAX_SAFE) {
      return Answer.refused(E_NUMBER, "the count would leave the range of ±(2^53−1)");
    }
    var expiresAt =
        there == null ? expiry(step, key, increment.windowMs(), null) : there.expiresAt();
    var value = LongNode.valueOf(count);
    return step.put(key, value, expiresAt) ? Answer.kept(there != null, value, expiresAt) : full();
  }

  private static Answer getMany(ValueStep step, ValueCommand.GetMany many) {
    var values = new LinkedHashMap<String, JsonNode>();
    int bytes = 0;
    for (var key : many.keys()) {
      var row = step.live(new ValueKey(many.namespace(), key));
      if (row != null) {
        values.put(key, row.value());
        bytes += JSON.write(row.value()).length;
      }
    }
    return bytes > MAX_REPLY_BYTES
        ? Answer.refused(
            E_SIZE,
            "the values have together "
                + bytes
                + " bytes: at most "
                + MAX_REPLY_BYTES
                + ", ask for fewer keys")
        : Answer.all(values);
  }

  private Answer setMany(ValueStep step, ValueCommand.SetMany many) {
    for (var entry : many.values().entrySet()) {
      var key = new ValueKey(many.namespace(), entry.getKey());
      if (!step.put(key, entry.getValue(), expiry(step, key, many.ttlMs(), many.ttl()))) {
        return full();
      }
    }
    return Answer.DONE;
  }

  private Answer full() {
    return Answer.refused(
        E_SIZE,
        "the partition holds "
            + settings.maxEntries()
            + " values and none of them expires: delete some, or raise cache.values.max.entries");
  }

  private @Nullable Instant expiry(
      ValueStep step, ValueKey key, @Nullable Long ttlMs, @Nullable String name) {
    var ttl =
        ttlMs != null
            ? new Ttl(ttlMs)
            : name != null ? Ttl.named(name).orElseThrow() : settings.ttl(key);
    return ttl.ms() == null ? null : step.now().plusMillis(ttl.ms());
  }
}
