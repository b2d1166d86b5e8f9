package dev.millrace.cli;

import dev.millrace.runtime.Settings.Sources;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Settings for commands that bring their own cluster.
final class ServerOptions {

  @Option(names = "--config", paramLabel = "FILE", description = "A properties file with settings.")
  @Nullable Path file;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "One setting; see `millrace config docs` for all.")
  Map<String, String> settings = new LinkedHashMap<>();

  /// Everything given; `more` wins, except over `--set`.
  Sources sources(Map<String, String> environment, Map<String, String> more) {
    var flags = new HashMap<>(more);
    flags.putAll(settings);
    return new Sources(file == null ? Map.of() : KafkaOptions.read(file), environment, flags);
  }
}
