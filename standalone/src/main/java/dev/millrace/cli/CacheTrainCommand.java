package dev.millrace.cli;

import dev.millrace.cache.CacheConfig;
import dev.millrace.cache.codec.Dictionaries;
import dev.millrace.cache.codec.DictionaryTrainer;
import dev.millrace.cache.codec.DictionaryTrainer.Worth;
import dev.millrace.contracts.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// A compression dictionary, learned from the results that callers were given.
@Command(
    name = "train",
    description = {
      "Make a compression dictionary for the results of one type, from its completions.",
      "Every cache-store must have the file in cache.dictionaries.dir before it is started again."
    },
    footer = {
      "",
      "Examples:",
      "  ./millrace cache train --type simulation",
      "  ./millrace cache train --type simulation --dir /srv/millrace/dictionaries --json"
    })
final class CacheTrainCommand implements Callable<Integer> {

  private final Context context;

  @Mixin private KafkaOptions kafka = new KafkaOptions();

  @Option(names = "--type", required = true, paramLabel = "TYPE", description = "Which results.")
  private String type = "";

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description = "Where the file goes (default: cache.dictionaries.dir).")
  private @Nullable Path dir;

  @Option(
      names = "--samples",
      description =
          "Learn from so many different results, the last ones (default: ${DEFAULT-VALUE}).")
  private int samples = 2_000;

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  CacheTrainCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    Quiet.kafka();
    var cluster = Cluster.connect(CacheConfig.def(), kafka.sources(context.environment()));
    var folder = dir == null ? cluster.settings().path(CacheConfig.DICTIONARIES) : dir;
    var results = results(cluster);
    try {
      var trainer = new DictionaryTrainer(results);
      var file = Dictionaries.add(folder, type, trainer.dictionary());
      print(file, results.size(), trainer.worth());
      return ExitCode.DONE;
    } catch (IllegalArgumentException e) {
      throw new CliException(
          ExitCode.FAILED, "No dictionary for " + type + ": " + e.getMessage() + ".");
    } catch (IOException e) {
      throw new CliException(
          ExitCode.FAILED, "Cannot write into " + folder + ": " + e.getMessage());
    }
  }

  /// The last different results of the type.
  private List<byte[]> results(Cluster cluster) {
    var topic = cluster.topics().completions();
    var byDigest = new Latest(samples);
    try (var tail = cluster.tail(TopicTail.From.START, topic)) {
      tail.readAll(
          topic,
          completion -> {
            if (completion.type().equals(type)
                && completion.result() != null
                && completion.resultSha256() != null) {
              var result = completion.result().toString();
              byDigest.put(completion.resultSha256(), result.getBytes(StandardCharsets.UTF_8));
            }
          });
    }
    return List.copyOf(byDigest.values());
  }

  /// The last so many.
  private static final class Latest extends LinkedHashMap<String, byte[]> {

    private static final long serialVersionUID = 1;

    private final int most;

    Latest(int most) {
      this.most = most;
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<String, byte[]> eldest) {
      return size() > most;
    }
  }

  private void print(Path file, int results, Worth worth) {
    if (json) {
      context.print(
          Json.MAPPER
              .createObjectNode()
              .put("file", file.toString())
              .put("results", results)
              .put("jsonBytes", Math.round(worth.json()))
              .put("compressedBytes", Math.round(worth.compressed()))
              .put("withDictionaryBytes", Math.round(worth.withDictionary()))
              .put("share", Math.round(1000 * worth.withDictionary() / worth.json()) / 1000.0)
              .toString());
      return;
    }
    context.print(file.toString());
    context.say(
        String.format(
            Locale.ROOT,
            "Learned from %,d results. One that was kept back takes %,.0f bytes as JSON, %,.0f"
                + " compressed (%.0f%%), %,.0f with this dictionary (%.0f%%).",
            results,
            worth.json(),
            worth.compressed(),
            100 * worth.compressed() / worth.json(),
            worth.withDictionary(),
            100 * worth.withDictionary() / worth.json()));
    context.say("It is used from the next start of each cache-store that has it.");
  }
}
