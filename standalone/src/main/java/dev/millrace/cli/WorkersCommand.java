package dev.millrace.cli;

import dev.millrace.standalone.Part;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// The workers alone.
@Command(
    name = "workers",
    description = "Run job-workers: computes what waits in the lanes.",
    footer = {"", "Example:  ./millrace workers --slots 8 --bootstrap-server localhost:9092"})
final class WorkersCommand extends ServiceCommand {

  @Option(names = "--slots", paramLabel = "N", description = "Jobs at a time.")
  private @Nullable Integer slots;

  WorkersCommand(Context context) {
    super(context, Part.WORKERS);
  }

  @Override
  Map<String, String> flags() {
    return slots == null ? Map.of() : Map.of("workers.slots", slots.toString());
  }
}
