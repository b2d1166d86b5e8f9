package dev.millrace.cli;

import dev.millrace.runtime.CommonConfig;
import dev.millrace.runtime.Settings.Sources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Which cluster, and all settings: defaults, then `--config`, then the environment, then flags.
final class KafkaOptions {

  @Option(
      names = {"-b", "--bootstrap-server", "--bootstrap-servers"},
      paramLabel = "HOST:PORT",
      description = "The Kafka cluster. Else MILLRACE_BOOTSTRAP_SERVERS, else localhost:9092.")
  @Nullable String bootstrapServers;

  @Option(
      names = {"--config", "--command-config"},
      paramLabel = "FILE",
      description = "A properties file with settings.")
  @Nullable Path file;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "One setting; see `millrace config docs` for all.")
  Map<String, String> settings = new LinkedHashMap<>();

  /// Everything given, with `more` as further flags.
  Sources sources(Map<String, String> environment, Map<String, String> more) {
    var flags = new HashMap<>(settings);
    if (bootstrapServers != null) {
      flags.put(CommonConfig.BOOTSTRAP_SERVERS, bootstrapServers);
    }
    flags.putAll(more);
    return new Sources(file == null ? Map.of() : read(file), environment, flags);
  }

  Sources sources(Map<String, String> environment) {
    return sources(environment, Map.of());
  }

  static Map<String, String> read(Path file) {
    var properties = new Properties();
    try (var in = Files.newBufferedReader(file)) {
      properties.load(in);
    } catch (IOException | IllegalArgumentException e) {
      throw CliException.usage("Cannot read the settings in " + file + ": " + reason(e));
    }
    var settings = new HashMap<String, String>();
    properties.stringPropertyNames().forEach(k -> settings.put(k, properties.getProperty(k)));
    return settings;
  }

  private static String reason(Exception e) {
    return e instanceof java.nio.file.NoSuchFileException
        ? "no such file"
        : String.valueOf(e.getMessage());
  }
}
