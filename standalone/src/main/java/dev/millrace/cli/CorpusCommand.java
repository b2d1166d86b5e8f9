package dev.millrace.cli;

import dev.millrace.contracts.Json;
import dev.millrace.corpus.CorpusReport;
import dev.millrace.corpus.CorpusReport.Verdict;
import dev.millrace.corpus.CorpusRun;
import dev.millrace.runtime.CommonConfig;
import dev.millrace.runtime.TopicAdmin;
import dev.millrace.runtime.request.TypeDefinitions;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Hostile input, and what becomes of it.
@Command(
    name = "corpus",
    description = {
      "Send every file of a folder over Kafka and HTTP, in order and shuffled, and compare what",
      "becomes of it with the folder's expected.tsv. Starts everything embedded unless",
      "--bootstrap-server is given. Exit code 0 when all is as expected, else 1."
    },
    footer = {"", "Example:  ./millrace corpus corpus --fuzz 2000 --json"})
final class CorpusCommand implements Callable<Integer> {

  private final Context context;

  @Parameters(paramLabel = "DIR", description = "The files, and expected.tsv.")
  private Path folder = Path.of("corpus");

  @Mixin private KafkaOptions kafka = new KafkaOptions();

  @Option(
      names = "--url",
      paramLabel = "URL",
      description = "The HTTP API beside --bootstrap-server (default: ${DEFAULT-VALUE}).")
  private URI url = URI.create("http://localhost:8080");

  @Option(
      names = "--shuffles",
      paramLabel = "N",
      description = "Passes in random order after the one in order (default: ${DEFAULT-VALUE}).")
  private int shuffles = 3;

  @Option(
      names = "--fuzz",
      paramLabel = "N",
      description = "Made-up inputs afterwards (default: ${DEFAULT-VALUE}).")
  private int fuzz;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Of everything random (default: ${DEFAULT-VALUE}).")
  private long seed = 1;

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  CorpusCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws InterruptedException {
    Quiet.kafka();
    if (kafka.bootstrapServers != null) {
      return run(Cluster.connect(kafka.sources(context.environment())), url);
    }
    return Embedded.product(
        context,
        kafka.sources(context.environment()),
        standalone -> run(Cluster.of(standalone.settings()), URI.create(standalone.http())));
  }

  private int run(Cluster cluster, URI http) throws InterruptedException {
    var clock = context.resources().get().clock();
    var names = new HashMap<String, String>();
    try (var admin =
        new TopicAdmin(cluster.clients(), cluster.topics(), cluster.settings(), clock)) {
      admin.topicIds().forEach((name, id) -> names.put(id.toString(), name));
    }
    var product =
        new CorpusRun.Product(
            cluster.clients(),
            cluster.topics(),
            names,
            TypeDefinitions.load(
                CorpusCommand.class.getClassLoader(),
                cluster.settings().optionalPath(CommonConfig.TYPES_DIR).orElse(null)),
            http,
            clock);
    CorpusReport report;
    try {
      report =
          new CorpusRun(new CorpusRun.Plan(folder, shuffles, fuzz, seed), product, context::say)
              .run();
    } catch (IllegalArgumentException e) {
      throw CliException.usage(String.valueOf(e.getMessage()));
    }
    print(report);
    return report.verdict() == Verdict.VALID ? ExitCode.DONE : ExitCode.FAILED;
  }

  private void print(CorpusReport report) {
    if (json) {
      context.print(Json.MAPPER.valueToTree(report).toString());
      return;
    }
    var rows = new ArrayList<List<String>>();
    rows.add(List.of("FILE", "VIA", "PASS", "EXPECTED", "GOT"));
    for (var failure : report.failures()) {
      rows.add(
          List.of(
              failure.file(),
              failure.via(),
              Integer.toString(failure.pass()),
              failure.expected(),
              failure.got()));
    }
    if (rows.size() > 1) {
      Table.align(rows).forEach(context::print);
      context.print("");
    }
    context.print(
        "%s  %,d files, %,d sent in %d passes, %,d made up, %d lost, %d doubled, audit %s"
            .formatted(
                report.verdict(),
                report.files(),
                report.sent(),
                report.passes(),
                report.fuzzed(),
                report.lost(),
                report.doubled(),
                report.audit()));
  }
}
