package dev.millrace.cli;

/// How data is printed.
enum Format {
  /// Columns for people.
  table,
  /// One JSON value, indented.
  json,
  /// One JSON object a line.
  jsonl,
  /// Only identifiers, one a line, for pipes.
  id
}
