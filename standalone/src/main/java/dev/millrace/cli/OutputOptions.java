package dev.millrace.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.contracts.Json;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/// How data is printed: `-o table|json|jsonl|id`.
final class OutputOptions {

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "table",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  Format format = Format.table;

  /// Prints a list of objects.
  ///
  /// @param id the field that identifies one
  /// @param columns the fields that a table shows
  void list(Context context, List<? extends JsonNode> rows, String id, List<String> columns) {
    switch (format) {
      case table -> Table.of(columns, rows).lines().forEach(context::print);
      case json -> context.print(pretty(Json.MAPPER.valueToTree(rows)));
      case jsonl -> rows.forEach(row -> context.print(row.toString()));
      case id -> rows.forEach(row -> context.print(row.path(id).asText()));
    }
  }

  /// Prints one object; as a table, one field a line.
  void one(Context context, JsonNode value, String id) {
    switch (format) {
      case table -> fields(value).forEach(context::print);
      case json -> context.print(pretty(value));
      case jsonl -> context.print(value.toString());
      case id -> context.print(value.path(id).asText());
    }
  }

  private static List<String> fields(JsonNode value) {
    var rows = new ArrayList<List<String>>();
    value
        .properties()
        .forEach(field -> {
          if (!field.getValue().isNull()) {
            rows.add(List.of(field.getKey(), Table.cell(field.getValue())));
          }
        });
    return Table.align(rows);
  }

  static String pretty(JsonNode value) {
    try {
      return Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree that cannot be written", e);
    }
  }
}
