package dev.millrace.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// The bytes of an answer.
@Command(
    name = "result",
    description = "Print the result of a request, or download it.",
    footer = {"", "Example:  ./millrace result my-own-id-1 > result.json"})
final class ResultCommand implements Callable<Integer> {

  private final Context context;

  @Mixin private HttpOptions http = new HttpOptions();

  @Parameters(paramLabel = "ID", description = "The request id.")
  private String id = "";

  @Option(names = "--org", paramLabel = "ID", description = "The organization that asked.")
  private @Nullable String organization;

  @Option(names = "--to", paramLabel = "FILE", description = "Write to this file, not to stdout.")
  private @Nullable Path file;

  ResultCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    try (var api = http.api()) {
      var path = "/v1/requests/" + HttpApi.segment(id) + "/result";
      var query = organization == null ? "" : "?organizationId=" + HttpApi.segment(organization);
      var result = api.download(path + query).bytes();
      if (file == null) {
        context.out().write(result, 0, result.length);
        context.out().flush();
      } else {
        Files.write(file, result);
        context.say("Wrote " + result.length + " bytes to " + file + ".");
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
    return ExitCode.DONE;
  }
}
