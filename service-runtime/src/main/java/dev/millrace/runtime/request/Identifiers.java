package dev.millrace.runtime.request;

/// The spelling of identifiers, tags and types, checked without regular expressions.
public final class Identifiers {

  public static final String EXPECTED = "1 to 128 of A-Z, a-z, 0-9 and . _ : -";
  public static final String TYPE_EXPECTED = "1 to 64 of a-z, 0-9 and -";

  static final int LONGEST = 128;
  private static final int LONGEST_TYPE = 64;

  private Identifiers() {}

  /// Whether `text` is an identifier or tag: `[A-Za-z0-9._:-]{1,128}`.
  public static boolean isValid(CharSequence text) {
    if (text.isEmpty() || text.length() > LONGEST) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!isLetterOrDigit(c) && "._:-".indexOf(c) < 0) {
        return false;
      }
    }
    return true;
  }

  /// Whether `text` is spelled like a type: `[a-z0-9-]{1,64}`.
  public static boolean isType(String text) {
    if (text.isEmpty() || text.length() > LONGEST_TYPE) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!(isLower(c) || isDigit(c) || c == '-')) {
        return false;
      }
    }
    return true;
  }

  static boolean isLetterOrDigit(char c) {
    return isLower(c) || isDigit(c) || (c >= 'A' && c <= 'Z');
  }

  private static boolean isLower(char c) {
    return c >= 'a' && c <= 'z';
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
