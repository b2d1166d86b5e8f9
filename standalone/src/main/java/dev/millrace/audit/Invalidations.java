package dev.millrace.audit;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/// When what was last said to be untrue in one ledger partition, in generations.
final class Invalidations {

  private final Map<String, Long> generations = new HashMap<>();
  private long generation;

  /// Notes what was said to be untrue, and whether its generation is the next one.
  boolean add(String subject, long newGeneration) {
    boolean next = newGeneration == generation + 1;
    generation = newGeneration;
    generations.put(subject, newGeneration);
    return next;
  }

  /// The last that covers anything with these tags, type and hash; 0: none.
  long last(Collection<String> tags, String type, String hash) {
    if (generations.isEmpty()) {
      return 0;
    }
    long last = Math.max(of("type:" + type), of("hash:" + hash));
    for (var tag : tags) {
      last = Math.max(last, of("tag:" + tag));
    }
    return last;
  }

  private long of(String subject) {
    return generations.getOrDefault(subject, 0L);
  }
}
