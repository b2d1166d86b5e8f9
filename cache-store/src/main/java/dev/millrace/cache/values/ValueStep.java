package dev.millrace.cache.values;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.contracts.ValueKey;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One command being carried out: what there is, and what shall become of it. Nothing happens
/// before the shell applies the changes.
final class ValueStep {

  private final ValueView view;
  private final Tally before;
  private final long maxEntries;
  private final Instant now;
  private final Map<ValueKey, Change> changes = new LinkedHashMap<>();
  private @Nullable Dropped dropped;

  /// What becomes of one key.
  ///
  /// @param before the row that is there; null: none
  /// @param after the row that shall be there; null: none
  /// @param cause why `before` goes
  record Change(
      ValueKey key,
      @Nullable ValueRow before,
      @Nullable ValueRow after,
      @Nullable RemovalCause cause) {

    private int growth() {
      return (after == null ? 0 : 1) - (before == null ? 0 : 1);
    }
  }

  ValueStep(ValueView view, long maxEntries, Instant now) {
    this.view = view;
    this.before = view.tally();
    this.maxEntries = maxEntries;
    this.now = now;
  }

  Instant now() {
    return now;
  }

  /// The value under a key, if there is one that still counts. One that does not is taken out on
  /// the way.
  @Nullable ValueRow live(ValueKey key) {
    var change = changes.get(key);
    if (change != null) {
      return change.after();
    }
    var row = view.row(key);
    if (row == null) {
      return null;
    }
    if (row.expired(now)) {
      remove(key, RemovalCause.EXPIRED);
      return null;
    }
    if (view.droppedSince(key, row.generation())) {
      remove(key, RemovalCause.EXPLICIT);
      return null;
    }
    return row;
  }

  /// Keeps a value.
  ///
  /// @return false when there is no room for one more
  boolean put(ValueKey key, JsonNode value, @Nullable Instant expiresAt) {
    boolean replaces = live(key) != null;
    if (!replaces && entries() >= maxEntries && !makeRoom()) {
      return false;
    }
    var earlier = changes.get(key);
    var there = earlier == null ? view.row(key) : earlier.before();
    var cause = replaces ? RemovalCause.REPLACED : earlier == null ? null : earlier.cause();
    var after = new ValueRow(value, expiresAt, before.generation());
    changes.put(key, new Change(key, there, after, cause));
    return true;
  }

  void remove(ValueKey key, RemovalCause cause) {
    changes.put(key, new Change(key, view.row(key), null, cause));
  }

  void drop(String namespace, String prefix) {
    dropped = new Dropped(namespace, prefix, before.generation() + 1);
  }

  Collection<Change> changes() {
    return changes.values();
  }

  @Nullable Dropped dropped() {
    return dropped;
  }

  /// The counters when all of it is done.
  Tally tally() {
    long generation = dropped == null ? before.generation() : dropped.generation();
    return new Tally(generation, entries(), now.toEpochMilli());
  }

  private long entries() {
    return before.entries() + changes.values().stream().mapToInt(Change::growth).sum();
  }

  /// Gives up the value that would expire next. Those without an expiry are never given up.
  private boolean makeRoom() {
    for (var key : view.nextToExpire(changes.size() + 1)) {
      if (!changes.containsKey(key)) {
        remove(key, RemovalCause.SIZE);
        return true;
      }
    }
    return false;
  }
}
