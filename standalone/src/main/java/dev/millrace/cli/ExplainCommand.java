package dev.millrace.cli;

import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Why a request was answered as it was.
@Command(
    name = "explain",
    description = {
      "Show why a request was computed, joined or answered from the cache: what counted of it and",
      "what did not, every decision about it, and how it differs from the nearest one before."
    },
    footer = {"", "Example:  ./millrace explain my-own-id-1"})
final class ExplainCommand implements Callable<Integer> {

  private final Context context;

  @Mixin private HttpOptions http = new HttpOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  @Parameters(paramLabel = "ID", description = "The request id.")
  private String id = "";

  @Option(names = "--org", paramLabel = "ID", description = "The organization that asked.")
  private @Nullable String organization;

  ExplainCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    try (var api = http.api()) {
      Map<String, String> query =
          organization == null ? Map.of() : Map.of("organizationId", organization);
      var path = "/v1/requests/" + HttpApi.segment(id) + "/explain";
      var explained = api.get(path, query);
      if (output.format == Format.table) {
        ExplainText.lines(explained).forEach(context::print);
      } else {
        output.one(context, explained, "requestId");
      }
    }
    return ExitCode.DONE;
  }
}
