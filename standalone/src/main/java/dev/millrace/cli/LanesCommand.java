package dev.millrace.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.contracts.Command.Pause;
import dev.millrace.contracts.Command.Resume;
import dev.millrace.contracts.Tier;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// How the lanes stand, and the switch of each.
@Command(
    name = "lanes",
    description = "Show the lanes, or pause and resume one.",
    footer = {
      "",
      "Examples:",
      "  ./millrace lanes --watch",
      "  ./millrace lanes pause free --bootstrap-server localhost:9092"
    })
final class LanesCommand implements Callable<Integer> {

  private static final int EVERY_SECONDS = 2;

  private final Context context;

  @Mixin private HttpOptions http = new HttpOptions();
  @Mixin private KafkaOptions kafka = new KafkaOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "pause|resume",
      description = "Pause or resume a lane, by a command on the topic.")
  private @Nullable String action;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "TIER",
      converter = TierConverter.class,
      description = "free, pro or enterprise")
  private @Nullable Tier tier;

  @Option(names = "--watch", description = "Show them again every two seconds.")
  private boolean watch;

  LanesCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws InterruptedException {
    if (action == null) {
      return show();
    }
    if (tier == null) {
      throw CliException.usage("Which lane? free, pro or enterprise.");
    }
    return switch (action) {
      case "pause" -> toggle(tier, true);
      case "resume" -> toggle(tier, false);
      default -> throw CliException.usage("Expected pause or resume, got '" + action + "'.");
    };
  }

  private int show() throws InterruptedException {
    var never = new CountDownLatch(1);
    try (var api = http.api()) {
      do {
        var lanes = new ArrayList<JsonNode>();
        var answer = api.get("/v1/lanes", Map.of());
        answer.path("lanes").forEach(lanes::add);
        if (watch && context.terminal().live()) {
          context.out().print("\u001b[H\u001b[2J");
        }
        output.list(context, lanes, "lane", columns(lanes));
      } while (watch && !never.await(EVERY_SECONDS, TimeUnit.SECONDS));
    }
    return ExitCode.DONE;
  }

  private static List<String> columns(List<JsonNode> lanes) {
    return lanes.isEmpty()
        ? List.of("lane")
        : lanes.getFirst().propertyStream().map(Map.Entry::getKey).toList();
  }

  private int toggle(Tier lane, boolean pause) {
    Quiet.kafka();
    var cluster = Cluster.connect(kafka.sources(context.environment()));
    var id = CommandSender.newId(context);
    var command = pause ? new Pause(id, null, lane) : new Resume(id, null, lane);
    var answer = new CommandSender(cluster).send(List.of(command), Duration.ofSeconds(30)).get(id);
    if (answer != null && !answer.errors().isEmpty()) {
      throw new CliException(ExitCode.FAILED, String.join("; ", answer.errors()));
    }
    context.say(
        pause
            ? "Lane " + lane.id() + " is paused: what runs goes on, nothing new starts."
            : "Lane " + lane.id() + " goes on.");
    return ExitCode.DONE;
  }
}
