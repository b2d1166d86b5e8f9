package dev.millrace.cli;

import dev.millrace.contracts.Command.Cancel;
import dev.millrace.contracts.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Cancels requests: a command record each, and the receipts of all partitions.
@Command(
    name = "cancel",
    description = {
      "Cancel requests; returns when every ledger partition has answered.",
      "Exit code 3 when none knew a request (it is remembered, should the request still come),",
      "1 when one had already ended."
    },
    footer = {"", "Example:  ./millrace cancel my-own-id-1 --org org_42"})
final class CancelCommand implements Callable<Integer> {

  private final Context context;

  @Mixin private KafkaOptions kafka = new KafkaOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  @Parameters(paramLabel = "ID", arity = "1..*", description = "Request ids.")
  private List<String> ids = new ArrayList<>();

  @Option(names = "--org", paramLabel = "ID", description = "The organization that asked.")
  private @Nullable String organization;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      description = "How long to wait for the receipts (default: ${DEFAULT-VALUE}).")
  private int timeout = 30;

  CancelCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    Quiet.kafka();
    var cluster = Cluster.connect(kafka.sources(context.environment()));
    var cancels = new LinkedHashMap<String, Cancel>();
    ids.forEach(
        id -> cancels.put(id, new Cancel(CommandSender.newId(context), null, organization, id)));

    var answers =
        new CommandSender(cluster).send(List.copyOf(cancels.values()), Duration.ofSeconds(timeout));

    int exitCode = ExitCode.DONE;
    var rows = new ArrayList<com.fasterxml.jackson.databind.node.ObjectNode>();
    for (var cancel : cancels.values()) {
      var answer = java.util.Objects.requireNonNull(answers.get(cancel.commandId()));
      var became = became(cancel, answer);
      exitCode = Math.max(exitCode, became.exitCode);
      rows.add(
          Json.MAPPER
              .createObjectNode()
              .put("requestId", cancel.requestId())
              .put("outcome", became.word)
              .put("commandId", cancel.commandId())
              .put("partitions", answer.receipts().size()));
      context.say(became.sentence.formatted(cancel.requestId()));
    }
    if (output.format != Format.table) {
      output.list(context, rows, "requestId", List.of());
    }
    return exitCode;
  }

  private enum Became {
    CANCELLED("cancelled", "%s is cancelled.", ExitCode.DONE),
    TOO_LATE(
        "too-late",
        "%s had already ended: too late to cancel; see ./millrace get.",
        ExitCode.FAILED),
    UNKNOWN(
        "not-found",
        "No partition knows %s (is --org right?); should it still arrive, it ends cancelled.",
        ExitCode.NOT_FOUND);

    private final String word;
    private final String sentence;
    private final int exitCode;

    Became(String word, String sentence, int exitCode) {
      this.word = word;
      this.sentence = sentence;
      this.exitCode = exitCode;
    }
  }

  private static Became became(Cancel cancel, CommandSender.Answer answer) {
    boolean tooLate =
        answer.tooLate().contains(cancel.requestId())
            || answer.errors().stream().anyMatch(error -> error.contains("TOO_LATE"));
    if (tooLate) {
      return Became.TOO_LATE;
    }
    return answer.found() > 0 ? Became.CANCELLED : Became.UNKNOWN;
  }
}
