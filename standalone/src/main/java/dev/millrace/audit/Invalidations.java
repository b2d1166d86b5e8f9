package dev.millrace.audit;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;

/// When what was last said to be untrue in one ledger partition, in generations.
final class Invalidations {

  private static final String PREFIX = "tagPrefix:";

  private final Map<String, Long> generations = new HashMap<>();

  /// How long the prefixes of tags are that were said to be untrue.
  private final TreeSet<Integer> lengths = new TreeSet<>();

  private long generation;

  /// Notes what was said to be untrue, and whether its generation is the next one.
  boolean add(String subject, long newGeneration) {
    boolean next = newGeneration == generation + 1;
    generation = newGeneration;
    generations.put(subject, newGeneration);
    if (subject.startsWith(PREFIX)) {
      lengths.add(subject.length() - PREFIX.length());
    }
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
      for (int length : lengths.headSet(tag.length() + 1)) {
        last = Math.max(last, of(PREFIX + tag.substring(0, length)));
      }
    }
    return last;
  }

  private long of(String subject) {
    return generations.getOrDefault(subject, 0L);
  }
}
