package dev.millrace.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.contracts.Json;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// What is known is true no longer.
@Command(
    name = "invalidate",
    description = {
      "Say that answers are untrue. Who asks from now on gets a newer one.",
      "It is done two seconds after every partition has applied it: from then on nobody, anywhere,",
      "gives an answer from before."
    },
    footer = {
      "",
      "Examples:",
      "  ./millrace cache invalidate --tag campaign:cmp_81 --dry-run",
      "  ./millrace cache invalidate --tag-prefix model:llama-3"
    })
final class CacheInvalidateCommand implements Callable<Integer> {

  private final Context context;

  @Mixin private HttpOptions http = new HttpOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  @ArgGroup(multiplicity = "1")
  private Subject subject = new Subject();

  @Option(
      names = "--dry-run",
      description = "Only count what it would meet, and what computing that again costs.")
  private boolean dryRun;

  /// One of them.
  static final class Subject {

    @Option(names = "--tag", paramLabel = "TAG", description = "Answers that have this tag.")
    private @Nullable String tag;

    @Option(
        names = "--tag-prefix",
        paramLabel = "PREFIX",
        description = "Answers with a tag that begins so.")
    private @Nullable String tagPrefix;

    @Option(names = "--type", paramLabel = "TYPE", description = "All answers of a type.")
    private @Nullable String type;

    @Option(names = "--hash", paramLabel = "HASH", description = "The answer to one question.")
    private @Nullable String hash;
  }

  CacheInvalidateCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    ObjectNode body = Json.MAPPER.createObjectNode();
    put(body, "tag", subject.tag);
    put(body, "tagPrefix", subject.tagPrefix);
    put(body, "type", subject.type);
    put(body, "hash", subject.hash);
    if (dryRun) {
      body.put("dryRun", true);
    }
    try (var api = http.api()) {
      var answer = (ObjectNode) api.post("/v1/cache/invalidate", body).json();
      boolean done = answer.path("done").asBoolean();
      boolean ok = answer.path("ok").asBoolean();
      if (output.format == Format.table) {
        answer.remove(List.of("receipts"));
      }
      output.one(context, answer, "commandId");
      if (!done) {
        throw CliException.timedOut(
            "Not every partition has answered yet; it will be applied all the same.");
      }
      return ok ? ExitCode.DONE : ExitCode.FAILED;
    }
  }

  private static void put(ObjectNode body, String name, @Nullable String value) {
    if (value != null) {
      body.put(name, value);
    }
  }
}
