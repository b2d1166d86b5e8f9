package dev.millrace.cli;

import dev.millrace.cache.CacheConfig;
import dev.millrace.contracts.Completion;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.Status;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// What was asked on this cluster, as `cache simulate` reads it.
@Command(
    name = "trace",
    description = {
      "Write what was asked and answered, in the order it was asked, one JSON object a line:",
      "for ./millrace cache simulate --trace."
    },
    footer = {
      "",
      "Examples:",
      "  ./millrace cache trace --since 7d > trace.jsonl",
      "  ./millrace cache trace --type simulation | ./millrace cache simulate --trace - --entries"
          + " 1000"
    })
final class CacheTraceCommand implements Callable<Integer> {

  private final Context context;

  @Mixin private KafkaOptions kafka = new KafkaOptions();

  @Option(names = "--type", paramLabel = "TYPE", description = "Only of this type.")
  private @Nullable String type;

  @Option(
      names = "--since",
      paramLabel = "TIME",
      converter = SinceConverter.class,
      description = "Answered within so long, such as 30m, 12h or 7d (default: all there is).")
  private @Nullable Duration since;

  @Option(
      names = "--limit",
      paramLabel = "COUNT",
      description = "At most so many, the last ones (default: ${DEFAULT-VALUE}).")
  private int limit = 1_000_000;

  CacheTraceCommand(Context context) {
    this.context = context;
  }

  /// One request.
  ///
  /// @param size bytes of the answer
  /// @param costMs what computing it took
  private record Asked(Instant at, String key, long size, long costMs) {

    static Asked of(Completion completion) {
      var asked = completion.completedAt().minusMillis(completion.waitMs() + completion.runMs());
      long costMs = Math.max(completion.runMs(), completion.savedMs());
      return new Asked(asked, completion.requestHash().hex(), size(completion), costMs);
    }

    private static long size(Completion completion) {
      var result = completion.result();
      if (completion.resultBytes() != null) {
        return completion.resultBytes();
      }
      return result == null ? 0 : result.toString().getBytes(StandardCharsets.UTF_8).length;
    }

    String json() {
      return Json.MAPPER
          .createObjectNode()
          .put("key", key)
          .put("size", size)
          .put("costMs", costMs)
          .put("at", at.toString())
          .toString();
    }
  }

  @Override
  public Integer call() {
    Quiet.kafka();
    var cluster = Cluster.connect(CacheConfig.def(), kafka.sources(context.environment()));
    var topic = cluster.topics().completions();
    var last = new ArrayDeque<Asked>();
    try (var tail = cluster.tail(from(), topic)) {
      tail.readAll(
          topic,
          completion -> {
            if (counts(completion)) {
              last.add(Asked.of(completion));
            }
            if (last.size() > limit) {
              last.remove();
            }
          });
    }
    last.stream()
        .sorted(Comparator.comparing(Asked::at))
        .forEach(asked -> context.print(asked.json()));
    context.say("%,d requests.".formatted(last.size()));
    return ExitCode.DONE;
  }

  private TopicTail.From from() {
    return since == null
        ? TopicTail.From.START
        : new TopicTail.From.At(context.resources().get().clock().instant().minus(since));
  }

  /// Every answer, once.
  private boolean counts(Completion completion) {
    return completion.status() == Status.COMPLETED
        && !completion.repeat()
        && (type == null || completion.type().equals(type));
  }
}
