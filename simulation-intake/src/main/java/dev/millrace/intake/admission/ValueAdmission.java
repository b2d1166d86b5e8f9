package dev.millrace.intake.admission;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.contracts.ValueCommand;
import dev.millrace.contracts.ValueKey;
import dev.millrace.runtime.request.RejectedException;
import dev.millrace.runtime.request.StrictJson;
import dev.millrace.runtime.values.ValueCommandReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/// Whether a value command may come in, and which partitions it goes to.
public final class ValueAdmission {

  private final int partitions;

  /// @param partitions of the cache-store
  public ValueAdmission(int partitions) {
    this.partitions = partitions;
  }

  /// Decides about the record at `place`. Never throws for what the record holds.
  public ValueVerdict decide(byte @Nullable [] value, Headers headers, Place place) {
    var id = place.origin().toString();
    var wrong = HeaderRules.check(headers);
    if (wrong.isPresent()) {
      return new ValueVerdict.Refuse(id, wrong.get());
    }
    try {
      var json = StrictJson.parse(value);
      id = CommandReader.idOr(id, json);
      return new ValueVerdict.Admit(
          parts(ValueCommandReader.read(json).admitted(id, place.origin())));
    } catch (RejectedException e) {
      return new ValueVerdict.Refuse(id, e.rejection());
    }
  }

  private SortedMap<Integer, ValueCommand> parts(ValueCommand command) {
    var parts = new TreeMap<Integer, ValueCommand>();
    switch (command) {
      case ValueCommand.OneKey one -> parts.put(one.valueKey().partition(partitions), command);
      case ValueCommand.GetMany many -> {
        var homes = new TreeMap<Integer, List<String>>();
        many.keys()
            .forEach(
                key -> homes.computeIfAbsent(home(many, key), _ -> new ArrayList<>()).add(key));
        homes.forEach((home, keys) -> parts.put(home, part(many, keys, homes.size())));
      }
      case ValueCommand.SetMany many -> {
        var homes = new TreeMap<Integer, Map<String, JsonNode>>();
        many.values()
            .forEach((key, value) ->
                homes.computeIfAbsent(home(many, key), _ -> new LinkedHashMap<>()).put(key, value));
        homes.forEach((home, values) -> parts.put(home, part(many, values, homes.size())));
      }
      case ValueCommand.DeletePrefix prefix -> {
        for (int partition = 0; partition < partitions; partition++) {
          parts.put(partition, part(prefix, partitions));
        }
      }
    }
    return parts;
  }

  private int home(ValueCommand command, String key) {
    return new ValueKey(command.namespace(), key).partition(partitions);
  }

  private static ValueCommand part(ValueCommand.GetMany many, List<String> keys, int parts) {
    return new ValueCommand.GetMany(many.commandId(), many.origin(), many.namespace(), keys, parts);
  }

  private static ValueCommand part(
      ValueCommand.SetMany many, Map<String, JsonNode> values, int parts) {
    return new ValueCommand.SetMany(
        many.commandId(), many.origin(), many.namespace(), values, many.ttlMs(), many.ttl(), parts);
  }

  private static ValueCommand part(ValueCommand.DeletePrefix prefix, int parts) {
    return new ValueCommand.DeletePrefix(
        prefix.commandId(), prefix.origin(), prefix.namespace(), prefix.prefix(), parts);
  }
}
