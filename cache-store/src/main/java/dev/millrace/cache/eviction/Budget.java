package dev.millrace.cache.eviction;

import org.jspecify.annotations.Nullable;

/// How much a cache may hold.
public record Budget(long entries, long bytes) {

  /// Which part of a budget is used up.
  public enum Limit {
    ENTRIES,
    BYTES
  }

  public Budget {
    if (entries < 1 || bytes < 1) {
      throw new IllegalArgumentException("a budget has room, got " + entries + ", " + bytes);
    }
  }

  /// What each of `parts` equal holders may hold.
  public Budget share(int parts) {
    return new Budget(Math.max(1, entries / parts), Math.max(1, bytes / parts));
  }

  /// What holding this much goes beyond; null: nothing.
  public @Nullable Limit exceeded(long heldEntries, long heldBytes) {
    if (heldEntries > entries) {
      return Limit.ENTRIES;
    }
    return heldBytes > bytes ? Limit.BYTES : null;
  }
}
