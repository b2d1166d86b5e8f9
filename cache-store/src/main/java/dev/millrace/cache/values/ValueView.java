package dev.millrace.cache.values;

import dev.millrace.contracts.ValueKey;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the rules may look at.
interface ValueView {

  /// The row of a key, whether or not it still counts.
  @Nullable ValueRow row(ValueKey key);

  /// Whether a prefix of the key was deleted after that generation.
  boolean droppedSince(ValueKey key, long generation);

  /// The keys that expire next, soonest first.
  List<ValueKey> nextToExpire(int limit);

  Tally tally();
}
