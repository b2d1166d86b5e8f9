package dev.millrace.standalone;

import dev.millrace.runtime.Resources;
import dev.millrace.runtime.Settings.Sources;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/// A [Standalone] for a test: any free ports, and programs that jobs may run.
final class Installation {

  private static final Map<String, String> FLAGS =
      Map.of("http.port", "0", "workers.command.allow", "sh,false");

  private Installation() {}

  static Standalone start(Path folder, Map<String, String> flags) throws InterruptedException {
    var all = new HashMap<>(FLAGS);
    all.putAll(flags);
    return Standalone.start(
        new Standalone.Options(folder, 0, new Sources(Map.of(), Map.of(), all)),
        Resources.system());
  }
}
