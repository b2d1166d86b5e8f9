package dev.millrace.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// What the cache does for whoever asks.
@Command(
    name = "stats",
    description = "Show hits, misses and what the cache holds, since each instance started.",
    footer = {"", "Example:  ./millrace cache stats -o json"})
final class CacheStatsCommand implements Callable<Integer> {

  private final Context context;

  @Mixin private HttpOptions http = new HttpOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  CacheStatsCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    try (var api = http.api()) {
      var stats = (ObjectNode) api.get("/v1/cache/stats", Map.of());
      if (output.format != Format.table) {
        output.one(context, stats, "hitRate");
        return ExitCode.DONE;
      }
      var layers = new ArrayList<ObjectNode>();
      stats.path("layers").forEach(layer -> layers.add((ObjectNode) layer));
      stats.remove(List.of("layers", "instances"));
      output.one(context, stats, "hitRate");
      context.print("");
      output.list(context, layers, "layer", List.of("layer", "hits", "misses", "bytes"));
    }
    return ExitCode.DONE;
  }
}
