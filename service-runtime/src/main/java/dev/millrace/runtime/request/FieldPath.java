package dev.millrace.runtime.request;

/// Where in a JSON value something stands, written as people do: `params.scenarios[1].name`. One
/// instance follows a walk: steps are added on the way down and taken back on the way up.
final class FieldPath {

  private final StringBuilder text;

  FieldPath(String start) {
    this.text = new StringBuilder(start);
  }

  /// Steps into a field and returns the mark to go [#back] to.
  int into(String name) {
    int mark = text.length();
    if (isPlain(name)) {
      if (mark > 0) {
        text.append('.');
      }
      text.append(name);
    } else {
      text.append("[\"").append(Printable.plain(name)).append("\"]");
    }
    return mark;
  }

  /// Steps into an array element and returns the mark to go [#back] to.
  int into(int index) {
    int mark = text.length();
    text.append('[').append(index).append(']');
    return mark;
  }

  void back(int mark) {
    text.setLength(mark);
  }

  /// The path of the field `name` here, without stepping into it.
  String child(String name) {
    int mark = into(name);
    String path = text.toString();
    back(mark);
    return path;
  }

  @Override
  public String toString() {
    return text.toString();
  }

  private static boolean isPlain(String name) {
    if (name.isEmpty() || name.length() > 64) {
      return false;
    }
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (!Identifiers.isLetterOrDigit(c) && c != '_' && c != '-') {
        return false;
      }
    }
    return true;
  }
}
