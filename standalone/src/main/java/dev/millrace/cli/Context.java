package dev.millrace.cli;

import dev.millrace.runtime.Resources;
import java.io.InputStream;
import java.io.PrintStream;
import java.util.Map;
import java.util.function.Supplier;

/// What a command is handed: where it reads and writes, and what it may know of the process.
///
/// @param out data, and nothing else
/// @param err everything for people: progress, hints, errors
/// @param resources made when first asked for, because metrics are slow to load
record Context(
    InputStream in,
    PrintStream out,
    PrintStream err,
    Map<String, String> environment,
    Terminal terminal,
    Supplier<Resources> resources) {

  void say(String line) {
    err.println(line);
  }

  void print(String line) {
    out.println(line);
  }
}
