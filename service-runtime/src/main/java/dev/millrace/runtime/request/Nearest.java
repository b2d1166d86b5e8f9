package dev.millrace.runtime.request;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/// Guesses what a misspelled name was meant to be.
public final class Nearest {

  private static final int LONGEST = 64;

  private Nearest() {}

  /// The known name that `name` most likely means: the one with the fewest edits, when that is at
  /// most a third of its letters; else one that begins with it.
  public static Optional<String> to(String name, Collection<String> known) {
    if (name.isEmpty() || name.length() > LONGEST) {
      return Optional.empty();
    }
    String given = name.toLowerCase(Locale.ROOT);
    String nearest = null;
    int fewest = Integer.MAX_VALUE;
    for (String candidate : known) {
      String lower = candidate.toLowerCase(Locale.ROOT);
      int edits = lower.startsWith(given) && given.length() > 1 ? 1 : edits(given, lower);
      if (edits < fewest && edits <= Math.max(1, candidate.length() / 3)) {
        fewest = edits;
        nearest = candidate;
      }
    }
    return Optional.ofNullable(nearest);
  }

  /// ` (did you mean 'x'?)`, or nothing when no known name is near.
  public static String hint(String name, Collection<String> known) {
    return to(name, known).map(near -> " (did you mean '" + near + "'?)").orElse("");
  }

  /// Insertions, deletions, replacements and swaps of neighbours between two words.
  private static int edits(String a, String b) {
    var rows = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          rows[i][j] = i + j;
          continue;
        }
        int replaced = rows[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        rows[i][j] = Math.min(replaced, Math.min(rows[i - 1][j], rows[i][j - 1]) + 1);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          rows[i][j] = Math.min(rows[i][j], rows[i - 2][j - 2] + 1);
        }
      }
    }
    return rows[a.length()][b.length()];
  }
}
