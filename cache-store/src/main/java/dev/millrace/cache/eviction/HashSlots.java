package dev.millrace.cache.eviction;

import dev.millrace.contracts.RequestHash;
import java.util.Arrays;
import java.util.HexFormat;

/// Gives each hash a small number, a slot, under which others keep what they know of it. Open
/// addressing over plain arrays: a `HashMap` would take three times the memory.
final class HashSlots {

  static final int NONE = -1;

  private static final int WORDS = 4;
  private static final int DIGITS = 16;
  private static final int FIRST_CAPACITY = 16;

  /// Four words of each slot's hash; of a free slot, the next free one in the first word.
  private long[] words = new long[WORDS * FIRST_CAPACITY];

  private int[] table = empty(FIRST_CAPACITY);
  private int firstFree = NONE;
  private int used;

  /// Slots are below this.
  int capacity() {
    return words.length / WORDS;
  }

  int find(RequestHash hash) {
    return table[seek(words(hash))];
  }

  RequestHash hash(int slot) {
    var digits = HexFormat.of();
    var hex = new StringBuilder(WORDS * DIGITS);
    for (int i = 0; i < WORDS; i++) {
      hex.append(digits.toHexDigits(words[slot * WORDS + i]));
    }
    return RequestHash.of(hex.toString());
  }

  /// The slot of a hash that has none yet.
  int add(RequestHash hash) {
    if (firstFree == NONE && used == capacity()) {
      grow();
    }
    int slot = firstFree == NONE ? used++ : firstFree;
    if (slot == firstFree) {
      firstFree = (int) words[slot * WORDS];
    }
    var key = words(hash);
    System.arraycopy(key, 0, words, slot * WORDS, WORDS);
    table[seek(key)] = slot;
    return slot;
  }

  void remove(int slot) {
    var key = Arrays.copyOfRange(words, slot * WORDS, (slot + 1) * WORDS);
    close(seek(key));
    words[slot * WORDS] = firstFree;
    firstFree = slot;
  }

  /// Where the hash stands in the table, or the empty place where it belongs.
  private int seek(long[] key) {
    int at = home(key[1]);
    while (table[at] != NONE && !isAt(table[at], key)) {
      at = next(at);
    }
    return at;
  }

  private boolean isAt(int slot, long[] key) {
    return Arrays.equals(words, slot * WORDS, (slot + 1) * WORDS, key, 0, WORDS);
  }

  /// A hash is as good as random already, but its first digits are not within one partition: they
  /// choose it.
  private int home(long secondWord) {
    return (int) secondWord & (table.length - 1);
  }

  private int next(int at) {
    return (at + 1) & (table.length - 1);
  }

  /// Empties a place, and moves up those behind it that could no longer be reached across the gap.
  private void close(int place) {
    int gap = place;
    for (int at = next(gap); table[at] != NONE; at = next(at)) {
      int home = home(words[table[at] * WORDS + 1]);
      int fromHome = (at - home) & (table.length - 1);
      int fromGap = (at - gap) & (table.length - 1);
      if (fromHome >= fromGap) {
        table[gap] = table[at];
        gap = at;
      }
    }
    table[gap] = NONE;
  }

  /// Half as many slots again; the table stays at most three quarters full.
  private void grow() {
    int slots = capacity() + capacity() / 2;
    words = Arrays.copyOf(words, slots * WORDS);
    table = empty(slots);
    for (int slot = 0; slot < used; slot++) {
      table[seek(Arrays.copyOfRange(words, slot * WORDS, (slot + 1) * WORDS))] = slot;
    }
  }

  private static int[] empty(int slots) {
    int places = Integer.highestOneBit(slots + slots / 3) * 2;
    var table = new int[places];
    Arrays.fill(table, NONE);
    return table;
  }

  private static long[] words(RequestHash hash) {
    var words = new long[WORDS];
    for (int i = 0; i < WORDS; i++) {
      words[i] = Long.parseUnsignedLong(hash.hex(), i * DIGITS, (i + 1) * DIGITS, 16);
    }
    return words;
  }
}
