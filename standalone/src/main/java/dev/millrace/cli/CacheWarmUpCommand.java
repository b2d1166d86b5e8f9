package dev.millrace.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.contracts.Command.WarmUp.Item;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.Receipt;
import dev.millrace.runtime.request.RejectedException;
import dev.millrace.runtime.request.WarmUps;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Answers that are known before anybody asks.
@Command(
    name = "warm-up",
    description = {
      "Have answers known before anybody asks: computed on slots nobody has use for,",
      "or stored as you give them.",
      "It is done when every partition has begun; the jobs go on in the background.",
      "Exit code 1: some were refused; the decisions NOT_STORED say why."
    },
    footer = {
      "",
      "Examples:",
      "  ./millrace cache warm-up requests.jsonl",
      "  ./millrace cache warm-up --answers answers.jsonl",
      "  ./millrace cache warm-up --from-history --type simulation --since 7d --limit 50"
    })
final class CacheWarmUpCommand implements Callable<Integer> {

  private final Context context;

  @Mixin private HttpOptions http = new HttpOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "FILE",
      description = {
        "Whole requests as JSON, one after another, as `submit -f` takes, or each with its answer:",
        "{\"request\":{…},\"result\":…}; - for stdin."
      })
  private @Nullable String file;

  @Option(names = "--answers", description = "Refuse the FILE unless each has its answer.")
  private boolean answers;

  @Option(
      names = "--from-history",
      description = "The requests that completed most often, in place of a FILE.")
  private boolean fromHistory;

  @Option(names = "--type", paramLabel = "TYPE", description = "Of the history: of this type.")
  private @Nullable String type;

  @Option(names = "--org", paramLabel = "ID", description = "Of the history: of this organization.")
  private @Nullable String organization;

  @Option(
      names = "--since",
      paramLabel = "TIME",
      converter = SinceConverter.class,
      description = "Of the history: 90s, 10m, 1h or 7d ago and later.")
  private @Nullable Duration since;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "Of the history: how many at most (1 to 500, else 100).")
  private @Nullable Integer limit;

  CacheWarmUpCommand(Context context) {
    this.context = context;
  }

  /// What came of all that was sent.
  ///
  /// @param done whether every partition has answered
  /// @param ok whether none complained
  private record Sum(Receipt.WarmUp became, int commands, boolean done, boolean ok) {

    static final Sum NOTHING = new Sum(Receipt.WarmUp.NOTHING, 0, true, true);

    Sum plus(ObjectNode answer) {
      var more = answer.path("warmUp");
      return new Sum(
          became.plus(
              new Receipt.WarmUp(
                  more.path("started").asLong(),
                  more.path("stored").asLong(),
                  more.path("known").asLong(),
                  more.path("refused").asLong())),
          commands + 1,
          done && answer.path("done").asBoolean(),
          ok && answer.path("ok").asBoolean(true));
    }
  }

  @Override
  public Integer call() {
    boolean filtered = type != null || organization != null || since != null || limit != null;
    if ((file == null) != fromHistory || (!fromHistory && filtered) || (fromHistory && answers)) {
      throw CliException.usage(
          "Give a FILE (- for stdin) with or without --answers, or --from-history with any of"
              + " --type, --org, --since and --limit.");
    }
    var parts =
        file == null
            ? List.<List<Item>>of()
            : WarmUps.split(items(JsonObjects.read(file, context.in())));
    try (var api = http.api()) {
      return fromHistory ? finish(history(api)) : file(api, parts);
    }
  }

  private List<Item> items(List<ObjectNode> lines) {
    return lines.stream().map(this::item).toList();
  }

  private Item item(ObjectNode line) {
    try {
      var item = WarmUps.item(line);
      if (answers && item.result() == null) {
        throw CliException.usage(
            "With --answers each line is {\"request\":{…},\"result\":…}, got " + line);
      }
      return item;
    } catch (RejectedException e) {
      var why = e.rejection();
      throw CliException.usage(
          "Each is a request, or {\"request\":{…},\"result\":…}, got %s: %s %s"
              .formatted(line, why.field(), why.message()));
    }
  }

  private int file(HttpApi api, List<List<Item>> parts) {
    var sum = Sum.NOTHING;
    int before = 0;
    for (var part : parts) {
      ObjectNode body = Json.MAPPER.createObjectNode();
      body.set(WarmUps.FIELD, Json.MAPPER.valueToTree(part));
      try {
        sum = sum.plus(post(api, body));
      } catch (CliException e) {
        throw before == 0
            ? e
            : new CliException(
                e.exitCode(),
                e.getMessage()
                    + System.lineSeparator()
                    + "The %d requests before were taken; requests[0] is number %d."
                        .formatted(before, before + 1));
      }
      before += part.size();
    }
    return finish(sum);
  }

  private ObjectNode post(HttpApi api, ObjectNode body) {
    var answer = (ObjectNode) api.post("/v1/cache/warm-up", body).json();
    answer.path("receipts").findValuesAsText("error").stream()
        .filter(error -> !error.equals("null"))
        .distinct()
        .forEach(context::say);
    return answer;
  }

  private Sum history(HttpApi api) {
    ObjectNode body = Json.MAPPER.createObjectNode();
    ObjectNode history = body.putObject("history");
    if (type != null) {
      history.put("type", type);
    }
    if (organization != null) {
      history.put("organizationId", organization);
    }
    if (since != null) {
      history.put("from", Json.time(context.resources().get().clock().instant().minus(since)));
    }
    if (limit != null) {
      history.put("limit", limit);
    }
    var answer = post(api, body);
    int leftOut = answer.path("leftOut").asInt();
    if (leftOut > 0) {
      context.say(
          "%d more do not fit into one command, or their type takes them no longer."
              .formatted(leftOut));
    }
    return Sum.NOTHING.plus(answer);
  }

  private int finish(Sum sum) {
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.put("requests", sum.became().all());
    json.setAll((ObjectNode) Json.MAPPER.valueToTree(sum.became()));
    json.put("commands", sum.commands());
    output.one(context, json, "requests");
    if (!sum.done()) {
      throw CliException.timedOut(
          "Not every partition has answered yet; it will be done all the same.");
    }
    return sum.ok() && sum.became().refused() == 0 ? ExitCode.DONE : ExitCode.FAILED;
  }
}
