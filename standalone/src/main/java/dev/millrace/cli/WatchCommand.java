package dev.millrace.cli;

import dev.millrace.cli.ProgressLines.Line;
import dev.millrace.contracts.Tier;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Bars from the topics.
@Command(
    name = "watch",
    description = {
      "Show bars for the given requests until they have ended, or for all until Ctrl-C.",
      "Ids may be shortened."
    },
    footer = {"", "Example:  ./millrace watch --tier enterprise"})
final class WatchCommand implements Callable<Integer> {

  private final Context context;

  @Mixin private KafkaOptions kafka = new KafkaOptions();

  @Parameters(paramLabel = "ID", arity = "0..*", description = "Request or job ids.")
  private List<String> ids = new ArrayList<>();

  @Option(
      names = "--tier",
      paramLabel = "TIER",
      converter = TierConverter.class,
      description = "Only this tier.")
  private @Nullable Tier tier;

  @Option(
      names = "--since",
      paramLabel = "TIME",
      converter = SinceConverter.class,
      description = "How far back given ids are looked for (default: 1h).")
  private Duration since = Duration.ofHours(1);

  WatchCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    Quiet.kafka();
    var cluster = Cluster.connect(kafka.sources(context.environment()));
    var topics = cluster.topics();
    var resources = context.resources().get();
    var from =
        ids.isEmpty()
            ? TopicTail.From.END
            : new TopicTail.From.At(resources.clock().instant().minus(since));
    var met = new ArrayList<String>();
    try (var tail =
            cluster.tail(from, topics.decisions(), topics.progress(), topics.completions());
        var screen = new ProgressScreen(context.err(), context.terminal(), resources.nanoTime())) {
      var open = new ArrayList<String>(ids);
      var jobs =
          new JobWatch(
              topics,
              this::wanted,
              (id, line) -> {
                met.add(id);
                screen.show(id, line);
                if (line.state() instanceof ProgressLines.State.Ended) {
                  open.removeIf(line.id()::startsWith);
                }
              });
      while (ids.isEmpty() || !open.isEmpty()) {
        tail.poll(Duration.ofMillis(100)).forEach(jobs::accept);
        screen.refresh();
        if (met.isEmpty() && !ids.isEmpty() && tail.atEnd()) {
          throw CliException.notFound(
              "Nothing of %s in the last %s; look further back with --since, or see ./millrace get."
                  .formatted(String.join(", ", ids), since.toString().substring(2)));
        }
      }
      return ExitCode.DONE;
    }
  }

  private boolean wanted(Line line) {
    return (tier == null || line.tier() == tier)
        && (ids.isEmpty() || ids.stream().anyMatch(line.id()::startsWith));
  }
}
