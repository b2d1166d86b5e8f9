package dev.millrace.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.contracts.Json;
import dev.millrace.runtime.Settings;
import dev.millrace.standalone.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// What the settings are.
@Command(
    name = "config",
    description = "Show all settings.",
    subcommands = {ConfigCommand.Show.class, ConfigCommand.Docs.class},
    footer = {"", "Example:  ./millrace config show"})
final class ConfigCommand {

  /// Values that hold here and now.
  @Command(
      name = "show",
      description = "Show every setting's value and where it comes from; secrets are hidden.",
      footer = {"", "Example:  MILLRACE_WORKERS_SLOTS=8 ./millrace config show"})
  static final class Show implements Callable<Integer> {

    private final Context context;

    @Mixin private KafkaOptions kafka = new KafkaOptions();
    @Mixin private OutputOptions output = new OutputOptions();

    Show(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() {
      var def = Part.allSettings();
      var settings = Settings.load(def, kafka.sources(context.environment()));
      var rows = new ArrayList<ObjectNode>();
      for (var key : new TreeSet<>(def.names())) {
        rows.add(
            Json.MAPPER
                .createObjectNode()
                .put("setting", key)
                .put("value", settings.shown(key))
                .put("source", settings.source(key)));
      }
      output.list(context, rows, "setting", List.of("setting", "value", "source"));
      return ExitCode.DONE;
    }
  }

  /// The reference page.
  @Command(
      name = "docs",
      description = "Print the reference of all settings as Markdown.",
      footer = {"", "Example:  ./millrace config docs > docs/configuration.md"})
  static final class Docs implements Callable<Integer> {

    private final Context context;

    Docs(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() {
      context.out().print(ConfigReference.markdown());
      return ExitCode.DONE;
    }
  }
}
