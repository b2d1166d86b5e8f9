package dev.millrace.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.contracts.Json;
import dev.millrace.runtime.TopicAdmin;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// Makes or checks the topics.
@Command(
    name = "topics",
    description = "Make the topics, or check them against the contract.",
    subcommands = {TopicsCommand.Create.class, TopicsCommand.Verify.class},
    footer = {"", "Example:  ./millrace topics create --set topic.partitions=8"})
final class TopicsCommand {

  private static TopicAdmin admin(Cluster cluster, Context context) {
    return new TopicAdmin(
        cluster.clients(), cluster.topics(), cluster.settings(), context.resources().get().clock());
  }

  /// Makes what is missing.
  @Command(
      name = "create",
      description = "Make the topics that are missing; the others stay as they are.",
      footer = {"", "Example:  ./millrace topics create --bootstrap-server localhost:9092"})
  static final class Create implements Callable<Integer> {

    private final Context context;

    @Mixin private KafkaOptions kafka = new KafkaOptions();

    Create(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() {
      var cluster = Cluster.connect(kafka.sources(context.environment()));
      try (var admin = admin(cluster, context)) {
        var made = admin.create();
        made.forEach(context::print);
        context.say(made.isEmpty() ? "All topics are there." : "Made " + made.size() + " topics.");
      }
      return ExitCode.DONE;
    }
  }

  /// Compares.
  @Command(
      name = "verify",
      description = "Compare the cluster with the contract; exit code 1 when it differs.",
      footer = {"", "Example:  ./millrace topics verify -o jsonl"})
  static final class Verify implements Callable<Integer> {

    private final Context context;

    @Mixin private KafkaOptions kafka = new KafkaOptions();
    @Mixin private OutputOptions output = new OutputOptions();

    Verify(Context context) {
      this.context = context;
    }

    @Override
    public Integer call() {
      var cluster = Cluster.connect(kafka.sources(context.environment()));
      try (var admin = admin(cluster, context)) {
        var differences = admin.verify();
        if (differences.isEmpty()) {
          context.say("All topics are as the contract wants them.");
          return ExitCode.DONE;
        }
        output.list(
            context,
            differences.stream().map(Json.MAPPER::<JsonNode>valueToTree).toList(),
            "topic",
            List.of("topic", "what", "expected", "actual"));
        context.say("./millrace topics create makes missing topics; it changes none.");
        return ExitCode.FAILED;
      }
    }
  }
}
