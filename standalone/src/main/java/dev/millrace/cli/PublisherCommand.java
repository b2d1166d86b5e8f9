package dev.millrace.cli;

import dev.millrace.standalone.Part;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// The publisher alone.
@Command(
    name = "publisher",
    description = "Run progress-publisher: HTTP, live events and history.",
    footer = {
      "",
      "Example:  ./millrace publisher --http-port 8080 --set db.url=jdbc:postgresql://db/millrace"
    })
final class PublisherCommand extends ServiceCommand {

  @Option(names = "--http-port", paramLabel = "PORT", description = "Where the HTTP API listens.")
  private @Nullable Integer httpPort;

  PublisherCommand(Context context) {
    super(context, Part.PUBLISHER);
  }

  @Override
  Map<String, String> flags() {
    return httpPort == null ? Map.of() : Map.of("http.port", httpPort.toString());
  }
}
