package dev.millrace.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.Tier;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// The history, newest first.
@Command(
    name = "list",
    description = "List requests, newest first.",
    footer = {"", "Example:  ./millrace list --status failed --since 1h -o jsonl"})
final class ListCommand implements Callable<Integer> {

  private static final int LARGEST_PAGE = 100;
  private static final int SMALLEST_PAGE = 10;

  private final Context context;

  @Mixin private HttpOptions http = new HttpOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  @Option(names = "--status", description = "queued, processing, retrying, completed, failed, …")
  private @Nullable String status;

  @Option(names = "--type", description = "Only this type.")
  private @Nullable String type;

  @Option(
      names = "--tier",
      paramLabel = "TIER",
      converter = TierConverter.class,
      description = "Only this tier.")
  private @Nullable Tier tier;

  @Option(names = "--org", paramLabel = "ID", description = "Only this organization.")
  private @Nullable String organization;

  @Option(names = "--tag", description = "Only answers with this tag.")
  private @Nullable String tag;

  @Option(
      names = "--since",
      paramLabel = "TIME",
      converter = SinceConverter.class,
      description = "Only the last 90s, 10m, 1h, 7d.")
  private @Nullable Duration since;

  @Option(
      names = {"-q", "--search"},
      description = "Only those that hold this text.")
  private @Nullable String search;

  @Option(
      names = {"-n", "--limit"},
      description = "At most this many (default: ${DEFAULT-VALUE}).")
  private int limit = 50;

  ListCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    if (limit < 1) {
      throw CliException.usage("--limit must be at least 1, got " + limit + ".");
    }
    var items = new ArrayList<JsonNode>();
    boolean more = true;
    try (var api = http.api()) {
      var query = query();
      while (items.size() < limit && more) {
        int page = Math.clamp(limit - items.size(), SMALLEST_PAGE, LARGEST_PAGE);
        query.put("limit", Integer.toString(page));
        var answer = api.get("/v1/requests", query);
        answer.path("items").forEach(item -> items.add(withSource((ObjectNode) item)));
        more = answer.path("hasMore").asBoolean() && !answer.path("lastKey").isNull();
        query.put("cursor", answer.path("lastKey").asText());
      }
    }
    var shown = items.size() > limit ? items.subList(0, limit) : items;
    if (shown.isEmpty() && output.format == Format.table) {
      context.say("No requests. Make one: ./millrace submit simulation -p campaignId=cmp_81");
      return ExitCode.DONE;
    }
    output.list(
        context,
        shown,
        "requestId",
        List.of(
            "requestId",
            "status",
            "source",
            "type",
            "tier",
            "organizationId",
            "attempts",
            "jobId",
            "createdAt"));
    if (output.format == Format.table && (more || items.size() > limit)) {
      context.say("There are more: raise --limit, or use --since.");
    }
    return ExitCode.DONE;
  }

  /// What one looks for first stands a level deeper.
  private static ObjectNode withSource(ObjectNode item) {
    return item.set("source", item.path("completion").path("source"));
  }

  private Map<String, String> query() {
    var query = new LinkedHashMap<String, String>();
    put(query, "status", status);
    put(query, "type", type);
    put(query, "tier", tier == null ? null : tier.id());
    put(query, "organizationId", organization);
    put(query, "tag", tag);
    put(query, "q", search);
    if (since != null) {
      put(query, "from", Json.time(context.resources().get().clock().instant().minus(since)));
    }
    return query;
  }

  private static void put(Map<String, String> query, String name, @Nullable String value) {
    if (value != null) {
      query.put(name, value);
    }
  }
}
