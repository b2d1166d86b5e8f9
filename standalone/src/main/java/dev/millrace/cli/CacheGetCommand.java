package dev.millrace.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.contracts.Json;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// What the ledger holds of one question.
@Command(
    name = "get",
    description = "Show what is cached under a request hash, and the job that computes it.",
    footer = {
      "",
      "Example:  ./millrace cache get $(./millrace hash -f request.json -o id)",
      "The result itself: ./millrace submit with the same request, --wait"
    })
final class CacheGetCommand implements Callable<Integer> {

  private final Context context;

  @Mixin private HttpOptions http = new HttpOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  @Parameters(paramLabel = "HASH", description = "64 hex digits; ./millrace hash prints them.")
  private String hash = "";

  CacheGetCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    try (var api = http.api()) {
      var entry = api.get("/v1/cache/" + HttpApi.segment(hash), Map.of());
      output.one(context, output.format == Format.table ? flat(entry) : entry, "requestHash");
    }
    return ExitCode.DONE;
  }

  /// The answer's and the flight's fields beside the entry's own.
  private static JsonNode flat(JsonNode entry) {
    ObjectNode flat = Json.MAPPER.createObjectNode();
    for (var field : entry.properties()) {
      if (field.getValue().isObject()) {
        for (var inner : field.getValue().properties()) {
          flat.set(field.getKey() + "." + inner.getKey(), inner.getValue());
        }
      } else {
        flat.set(field.getKey(), field.getValue());
      }
    }
    return flat;
  }
}
