package dev.millrace.workers.handlers;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.millrace.contracts.FailureCode;
import dev.millrace.contracts.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Answers `command`: runs a program that the operator allows, without a shell.
///
/// Lines on its standard output that are JSON objects or arrays are its messages: `{"progress":40,
/// "message":"halfway"}` is progress, the last other one is the result. A program that writes no
/// such line is answered with its text, `{"stdout":"…","exitCode":0}`.
public final class CommandHandler implements JobHandler {

  /// The programs that may be run, spelled as requests name them. None unless the operator says so.
  public static final String ALLOW = "workers.command.allow";

  private List<String> allowed = List.of();

  @Override
  public String type() {
    return "command";
  }

  @Override
  public boolean waits() {
    return true;
  }

  @Override
  public void configure(Map<String, ?> settings) {
    if (settings.get(ALLOW) instanceof List<?> programs) {
      allowed = programs.stream().map(String::valueOf).toList();
    }
  }

  @Override
  public JobResult handle(JobContext context) throws Exception {
    var params = context.params();
    var program = params.path("program").asText();
    if (!allowed.contains(program)) {
      throw JobFailure.permanent(
          "NOT_ALLOWED",
          "this worker may not run '%s': the operator can add it to %s".formatted(program, ALLOW));
    }
    var messages = new Messages(context.progress());
    var run =
        new CommandRun(
            ProgramPath.find(program), arguments(params), context.scratch(), messages::line);
    int exitCode = run.run(params.path("stdin").asText());
    if (exitCode != 0) {
      throw JobFailure.retryable(
          FailureCode.HANDLER_FAILED.name(),
          "'%s' ended with exit code %d%s".formatted(program, exitCode, complaint(run)));
    }
    return JobResult.of(messages.result().orElseGet(() -> text(run, exitCode)));
  }

  private static List<String> arguments(JsonNode params) throws JobFailure {
    var arguments = new ArrayList<String>();
    for (JsonNode argument : params.path("args")) {
      if (argument.asText().indexOf('\0') >= 0) {
        throw JobFailure.permanent(
            "INVALID_ARGUMENT",
            "an argument holds a zero character, which no program can be given");
      }
      arguments.add(argument.asText());
    }
    return arguments;
  }

  private static String complaint(CommandRun run) {
    var end = run.errors().strip();
    return end.isEmpty() ? "" : ": " + end;
  }

  private static JsonNode text(CommandRun run, int exitCode) {
    var text = JsonNodeFactory.instance.objectNode();
    text.put("stdout", run.output());
    text.put("exitCode", exitCode);
    if (run.outputCut()) {
      text.put("truncated", true);
    }
    return text;
  }

  /// What the program says by lines of JSON.
  private static final class Messages {

    private final ProgressSink progress;
    private volatile @Nullable JsonNode result;

    Messages(ProgressSink progress) {
      this.progress = progress;
    }

    void line(String line) {
      var text = line.strip();
      if (!text.startsWith("{") && !text.startsWith("[")) {
        return;
      }
      try {
        JsonNode message = Json.MAPPER.readTree(text);
        if (message.path("progress").isNumber()) {
          progress.percent(
              message.path("progress").asDouble(), message.path("message").asText(null));
        } else {
          result = message;
        }
      } catch (JsonProcessingException e) {
        // a line of text that happens to begin like JSON
      }
    }

    Optional<JsonNode> result() {
      return Optional.ofNullable(result);
    }
  }
}
