package dev.millrace.runtime.request;

/// Foreign text made fit for a message, a header or a log line.
public final class Printable {

  private static final int LONGEST = 80;

  private Printable() {}

  /// `text` in single quotes, cut to 80 characters.
  public static String quoted(String text) {
    return "'" + plain(text) + "'";
  }

  /// `text` on one line, with everything invisible or direction-changing escaped, cut to 80
  /// characters.
  public static String plain(String text) {
    var out = new StringBuilder();
    for (int i = 0; i < text.length() && out.length() < LONGEST; i++) {
      char c = text.charAt(i);
      if (isVisible(c)) {
        out.append(c);
      } else {
        out.append(String.format("\\u%04x", (int) c));
      }
    }
    return text.length() > LONGEST ? out.append('…').toString() : out.toString();
  }

  private static boolean isVisible(char c) {
    if (c < 0x7f) {
      return c >= 0x20;
    }
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.UNASSIGNED ->
          false;
      default -> true;
    };
  }
}
