package dev.millrace.cache.ledger;

import java.util.SortedSet;
import java.util.concurrent.ConcurrentSkipListSet;

/// How long the tag prefixes are that were ever invalidated in this partition, in memory. Whoever
/// checks a tag looks up one row per length, however many prefixes there are; and no tag is longer
/// than an identifier.
final class Prefixes {

  private final ConcurrentSkipListSet<Integer> lengths = new ConcurrentSkipListSet<>();

  /// Finds them in the store: once, when a process takes the partition over.
  Prefixes(Stores stores) {
    int kind = new Subject(Subject.Kind.TAG_PREFIX, "").key().length();
    stores.eachInvalidated(
        Subject.Kind.TAG_PREFIX, subject -> lengths.add(subject.length() - kind));
  }

  void note(Subject subject) {
    if (subject.kind() == Subject.Kind.TAG_PREFIX) {
      lengths.add(subject.name().length());
    }
  }

  SortedSet<Integer> lengths() {
    return lengths;
  }
}
