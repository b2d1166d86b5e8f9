package dev.millrace.cli;

import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// One request as the history knows it.
@Command(
    name = "get",
    description = "Show one request.",
    footer = {"", "Example:  ./millrace get my-own-id-1 -o json"})
final class GetCommand implements Callable<Integer> {

  private final Context context;

  @Mixin private HttpOptions http = new HttpOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  @Parameters(paramLabel = "ID", description = "The request id.")
  private String id = "";

  @Option(names = "--org", paramLabel = "ID", description = "The organization that asked.")
  private @Nullable String organization;

  GetCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    try (var api = http.api()) {
      Map<String, String> query =
          organization == null ? Map.of() : Map.of("organizationId", organization);
      output.one(context, api.get("/v1/requests/" + HttpApi.segment(id), query), "requestId");
    }
    return ExitCode.DONE;
  }
}
