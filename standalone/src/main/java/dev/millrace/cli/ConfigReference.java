package dev.millrace.cli;

import dev.millrace.runtime.CommonConfig;
import dev.millrace.standalone.Part;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;

/// The page of all settings, made from their definitions.
final class ConfigReference {

  private ConfigReference() {}

  static String markdown() {
    var page = new StringBuilder();
    page.append(
        """
        # Configuration

        Made by `./millrace config docs` from the definitions in the code; do not edit.

        A later source wins: default, properties file (`--config FILE`), environment, flag (`--set key=value`).
        As a variable a key is `MILLRACE_` and the key in upper case with `.` as `_`, `_` as `__`, `-` as `___`:
        `topic.prefix` is `MILLRACE_TOPIC_PREFIX`. Kafka clients take any setting of Kafka's under `producer.`,
        `consumer.`, `streams.` or `admin.`; `security.…`, `sasl.…` and `ssl.…` count for all of them. Secrets may come
        as `${env:NAME}`, `${file:/path:key}` or `${dir:/path:file}`. `./millrace config show` prints what holds now.
        """);
    var explained = new HashSet<String>();
    section(page, "Every service", CommonConfig.def(), explained);
    for (var part : Part.values()) {
      section(page, part.module(), part.settings(), explained);
    }
    return page.toString();
  }

  /// What several services read is explained at the first.
  private static void section(
      StringBuilder page, String title, ConfigDef def, Set<String> explained) {
    List<ConfigKey> keys =
        def.configKeys().values().stream()
            .filter(key -> explained.add(key.name))
            .sorted((a, b) -> a.name.compareTo(b.name))
            .toList();
    if (keys.isEmpty()) {
      return;
    }
    page.append("\n## ").append(title).append("\n\n");
    page.append("| setting | default | allowed | what it does |\n|---|---|---|---|\n");
    for (var key : keys) {
      page.append(
          "| `%s` | %s | %s | %s |\n"
              .formatted(key.name, standard(key), cell(allowed(key)), cell(key.documentation)));
    }
  }

  private static String standard(ConfigKey key) {
    if (!key.hasDefault()) {
      return "(required)";
    }
    if (key.defaultValue == null || key.type == ConfigDef.Type.PASSWORD) {
      return "–";
    }
    var text =
        key.defaultValue instanceof List<?> list
            ? String.join(",", list.stream().map(String::valueOf).toList())
            : String.valueOf(key.defaultValue);
    return text.isEmpty() ? "(empty)" : "`" + cell(text) + "`";
  }

  private static String allowed(ConfigKey key) {
    var type = key.type.name().toLowerCase(Locale.ROOT);
    return key.validator == null ? type : type + " " + key.validator;
  }

  private static String cell(String text) {
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ");
  }
}
