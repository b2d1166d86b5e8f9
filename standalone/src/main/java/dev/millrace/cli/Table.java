package dev.millrace.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Plain columns, two spaces apart, no lines: what `column -t` would make.
final class Table {

  private Table() {}

  /// A heading and one row per object.
  record Columns(List<List<String>> rows) {

    List<String> lines() {
      return align(rows);
    }
  }

  static Columns of(List<String> columns, List<? extends JsonNode> objects) {
    var rows = new ArrayList<List<String>>();
    rows.add(columns.stream().map(Table::heading).toList());
    for (var object : objects) {
      rows.add(columns.stream().map(column -> cell(object.path(column))).toList());
    }
    return new Columns(rows);
  }

  /// Every column as wide as its widest cell; no blanks at line ends.
  static List<String> align(List<List<String>> rows) {
    int columns = rows.stream().mapToInt(List::size).max().orElse(0);
    var widths = new int[columns];
    for (var row : rows) {
      for (int i = 0; i < row.size(); i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    var lines = new ArrayList<String>();
    for (var row : rows) {
      var line = new StringBuilder();
      for (int i = 0; i < row.size(); i++) {
        line.append(row.get(i));
        if (i < row.size() - 1) {
          line.repeat(' ', widths[i] - row.get(i).length() + 2);
        }
      }
      lines.add(line.toString().stripTrailing());
    }
    return lines;
  }

  static String cell(JsonNode value) {
    if (value.isMissingNode() || value.isNull()) {
      return "-";
    }
    return value.isValueNode() ? value.asText() : value.toString();
  }

  /// `requestId` is shown as `REQUEST ID`.
  private static String heading(String field) {
    return field.replaceAll("([a-z])([A-Z])", "$1 $2").toUpperCase(Locale.ROOT);
  }
}
