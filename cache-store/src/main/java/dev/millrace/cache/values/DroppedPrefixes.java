package dev.millrace.cache.values;

import dev.millrace.contracts.ValueKey;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The deleted prefixes of one partition whose values have not all been swept yet. What lies under
/// one is gone from the moment it stands here.
final class DroppedPrefixes {

  private final Map<String, Map<String, Dropped>> byNamespace = new HashMap<>();

  void add(Dropped dropped) {
    byNamespace
        .computeIfAbsent(dropped.namespace(), _ -> new HashMap<>())
        .put(dropped.prefix(), dropped);
  }

  void remove(Dropped dropped) {
    byNamespace.computeIfPresent(
        dropped.namespace(),
        (_, prefixes) -> {
          prefixes.remove(dropped.prefix());
          return prefixes.isEmpty() ? null : prefixes;
        });
  }

  /// Whether a prefix of the key was deleted after that generation.
  boolean since(ValueKey key, long generation) {
    var prefixes = byNamespace.get(key.namespace());
    if (prefixes == null) {
      return false;
    }
    for (int end = 0; end <= key.key().length(); end++) {
      @Nullable Dropped dropped = prefixes.get(key.key().substring(0, end));
      if (dropped != null && dropped.generation() > generation) {
        return true;
      }
    }
    return false;
  }

  /// One of them.
  Optional<Dropped> any() {
    return byNamespace.values().stream().flatMap(it -> it.values().stream()).findFirst();
  }
}
