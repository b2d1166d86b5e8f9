package dev.millrace.runtime;

import dev.millrace.runtime.request.Nearest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigTransformer;
import org.apache.kafka.common.config.provider.ConfigProvider;
import org.apache.kafka.common.config.provider.DirectoryConfigProvider;
import org.apache.kafka.common.config.provider.EnvVarConfigProvider;
import org.apache.kafka.common.config.provider.FileConfigProvider;
import org.apache.kafka.common.config.types.Password;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// All settings of one service. A later source wins: defaults, then the properties file, then the
/// environment (`MILLRACE_` + key in upper case, `.`→`_`, `_`→`__`, `-`→`___`), then flags.
///
/// Secrets come through Kafka's providers: `${env:DB_PASSWORD}`,
/// `${file:/run/secrets/db:password}`, `${dir:/run/secrets:password}`.
public final class Settings {

  private static final Logger LOG = LoggerFactory.getLogger(Settings.class);
  private static final String ENVIRONMENT_PREFIX = "MILLRACE_";
  private static final List<String> CLIENT_PREFIXES =
      List.of("producer.", "consumer.", "streams.", "admin.");
  private static final List<String> SECURITY_PREFIXES = List.of("security.", "sasl.", "ssl.");

  /// Environment variables of ours that are not settings.
  private static final List<String> NOT_SETTINGS = List.of("jvm.opts", "log.level", "home");

  private final Map<String, Object> values;
  private final Map<String, String> given;
  private final Map<String, String> sources;

  private Settings(
      Map<String, Object> values, Map<String, String> given, Map<String, String> sources) {
    this.values = values;
    this.given = given;
    this.sources = sources;
  }

  /// Where settings are read from.
  ///
  /// @param file the properties of the service's file
  /// @param environment all environment variables; only ours are looked at
  /// @param flags from the command line
  public record Sources(
      Map<String, String> file, Map<String, String> environment, Map<String, String> flags) {

    /// This process's environment and `flags`.
    public static Sources of(Map<String, String> flags) {
      return new Sources(Map.of(), System.getenv(), flags);
    }

    /// Nothing but defaults.
    public static Sources none() {
      return new Sources(Map.of(), Map.of(), Map.of());
    }
  }

  /// Reads and checks everything at once.
  ///
  /// @throws ConfigException naming every wrong value with its allowed range
  public static Settings load(ConfigDef def, Sources source) {
    var given = new TreeMap<String, String>();
    var sources = new HashMap<String, String>();
    merge(given, sources, source.file(), "file");
    merge(given, sources, environment(source.environment()), "env");
    merge(given, sources, source.flags(), "flag");

    var resolved = resolveSecrets(given);
    var errors = new ArrayList<String>();
    var values = new HashMap<String, Object>();
    for (var value : def.validate(resolved)) {
      errors.addAll(value.errorMessages());
      values.put(value.name(), value.value());
    }
    if (!errors.isEmpty()) {
      throw new ConfigException(String.join(System.lineSeparator(), errors));
    }
    warnAboutUnknown(def, given, sources);
    return new Settings(values, resolved, sources);
  }

  /// The same settings with others for all clients, such as how to log in.
  public Settings withClients(Map<String, String> security) {
    var given = new TreeMap<>(this.given);
    given.putAll(security);
    return new Settings(values, given, sources);
  }

  public String text(String key) {
    return (String) value(key);
  }

  public int number(String key) {
    return (Integer) value(key);
  }

  /// How many, where an int may not hold it, such as bytes.
  public long count(String key) {
    return (Long) value(key);
  }

  /// A setting in milliseconds.
  public Duration duration(String key) {
    return Duration.ofMillis((Long) value(key));
  }

  public boolean flag(String key) {
    return (Boolean) value(key);
  }

  public double real(String key) {
    return (Double) value(key);
  }

  public List<String> list(String key) {
    var list = new ArrayList<String>();
    for (Object item : (List<?>) value(key)) {
      list.add((String) item);
    }
    return List.copyOf(list);
  }

  public Path path(String key) {
    return Path.of(text(key));
  }

  /// A path, or empty when it is not set.
  public Optional<Path> optionalPath(String key) {
    return Optional.of(text(key)).filter(text -> !text.isEmpty()).map(Path::of);
  }

  /// A password, or empty when it is not set.
  public Optional<String> secret(String key) {
    return Optional.ofNullable((Password) values.get(key))
        .map(Password::value)
        .filter(text -> !text.isEmpty());
  }

  /// Whatever was given under a client prefix such as `producer.`, without the prefix, and the
  /// security settings given once for all clients.
  public Map<String, Object> client(String prefix) {
    var client = new HashMap<String, Object>();
    given.forEach((key, value) -> {
      if (SECURITY_PREFIXES.stream().anyMatch(key::startsWith)) {
        client.put(key, value);
      }
    });
    given.forEach((key, value) -> {
      if (key.startsWith(prefix)) {
        client.put(key.substring(prefix.length()), value);
      }
    });
    return client;
  }

  /// Where the value of `key` came from: `default`, `file`, `env` or `flag`.
  public String source(String key) {
    return sources.getOrDefault(key, "default");
  }

  /// The value of any key as it may be shown: secrets are hidden.
  public String shown(String key) {
    Object value = values.get(key);
    return value instanceof List<?> list
        ? String.join(",", list.stream().map(String::valueOf).toList())
        : String.valueOf(value);
  }

  private Object value(String key) {
    Object value = values.get(key);
    if (value == null) {
      throw new IllegalStateException("no setting " + key + " is defined for this service");
    }
    return value;
  }

  private static void merge(
      Map<String, String> into,
      Map<String, String> sources,
      Map<String, String> from,
      String source) {
    from.forEach((key, value) -> {
      into.put(key, value);
      sources.put(key, source);
    });
  }

  private static Map<String, String> environment(Map<String, String> environment) {
    var settings = new HashMap<String, String>();
    environment.forEach((name, value) -> {
      if (name.startsWith(ENVIRONMENT_PREFIX)) {
        var key = keyOf(name.substring(ENVIRONMENT_PREFIX.length()));
        if (!NOT_SETTINGS.contains(key)) {
          settings.put(key, value);
        }
      }
    });
    return settings;
  }

  /// `CACHE_DEFAULT__X___Y` is `cache.default_x-y`.
  static String keyOf(String variable) {
    return variable
        .toLowerCase(Locale.ROOT)
        .replace("___", "-")
        .replace("__", "\0")
        .replace('_', '.')
        .replace('\0', '_');
  }

  private static Map<String, String> resolveSecrets(Map<String, String> given) {
    if (given.values().stream().noneMatch(value -> value.contains("${"))) {
      return given;
    }
    Map<String, ConfigProvider> providers =
        Map.of(
            "env", new EnvVarConfigProvider(),
            "file", new FileConfigProvider(),
            "dir", new DirectoryConfigProvider());
    providers.values().forEach(provider -> provider.configure(Map.of()));
    return new ConfigTransformer(providers).transform(given).data();
  }

  private static void warnAboutUnknown(
      ConfigDef def, Map<String, String> given, Map<String, String> sources) {
    var known = new TreeSet<>(def.names());
    for (var key : given.keySet()) {
      boolean ours =
          known.contains(key)
              || CLIENT_PREFIXES.stream().anyMatch(key::startsWith)
              || SECURITY_PREFIXES.stream().anyMatch(key::startsWith);
      if (!ours) {
        LOG.warn(
            "unknown setting key={} source={}{}",
            key,
            sources.get(key),
            Nearest.to(key, known).map(near -> ": did you mean " + near + "?").orElse(""));
      }
    }
  }
}
