package dev.millrace.corpus;

import dev.millrace.audit.AuditReader;
import dev.millrace.contracts.RejectionCode;
import dev.millrace.contracts.Topics;
import dev.millrace.corpus.CorpusReport.Failure;
import dev.millrace.corpus.CorpusReport.Verdict;
import dev.millrace.corpus.Expected.Outcome;
import dev.millrace.corpus.Watch.Asked;
import dev.millrace.runtime.KafkaClients;
import dev.millrace.runtime.request.RequestHasher;
import dev.millrace.runtime.request.TypeDefinitions;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// Sends a corpus to a running product: once in order and then shuffled, over Kafka and over HTTP,
/// each input followed by a good request. Then made-up inputs. Then everything accepted has to have
/// ended, once, and the topics have to pass the audit.
public final class CorpusRun {

  private static final Duration DRAIN = Duration.ofMinutes(2);
  private static final int MOST_FAILURES = 50;

  private final List<Case> cases;
  private final Plan plan;
  private final Product product;
  private final Consumer<String> say;
  private final List<Failure> failures = new ArrayList<>();

  /// What was accepted, and the input that asked for it.
  private final Map<Asked, String> owed = new HashMap<>();

  private int sent;
  private int good;
  private int failed;
  private int lost;

  /// What to do.
  ///
  /// @param shuffles passes in random order after the one in order
  /// @param fuzz made-up inputs
  public record Plan(Path folder, int shuffles, int fuzz, long seed) {}

  /// Where to do it.
  ///
  /// @param topicIds names of the topics by Kafka's own ids
  public record Product(
      KafkaClients clients,
      Topics topics,
      Map<String, String> topicIds,
      TypeDefinitions types,
      URI http,
      InstantSource clock) {}

  /// @param say told of each pass
  /// @throws IllegalArgumentException when the folder is no corpus, says why
  public CorpusRun(Plan plan, Product product, Consumer<String> say) {
    this.cases = CorpusFolder.read(plan.folder());
    this.plan = plan;
    this.product = product;
    this.say = say;
  }

  public CorpusReport run() throws InterruptedException {
    var random = new Random(plan.seed());
    try (var watch = new Watch(product.clients(), product.topics(), product.topicIds());
        var kafka = new KafkaWay(product.clients(), product.topics(), watch);
        var http = new HttpWay(product.http())) {
      for (int pass = 0; pass <= plan.shuffles(); pass++) {
        var order = pass == 0 ? cases : shuffled(random);
        say.accept(
            "pass " + (pass + 1) + " of " + (plan.shuffles() + 1) + ": " + order.size() + " files");
        for (var input : order) {
          send(input.inPass(pass), pass, kafka, http);
        }
      }
      var noise = new Noise(random, cases);
      for (int i = 0; i < plan.fuzz(); i++) {
        fuzz(noise.next(i), kafka, http);
      }
      return judge(watch, kafka);
    }
  }

  /// Cases of one number belong together and keep their order.
  private List<Case> shuffled(Random random) {
    var groups =
        new ArrayList<>(
            cases.stream()
                .collect(
                    Collectors.groupingBy(Case::number, LinkedHashMap::new, Collectors.toList()))
                .values());
    Collections.shuffle(groups, random);
    return groups.stream().flatMap(List::stream).toList();
  }

  private void send(Case input, int pass, KafkaWay kafka, HttpWay http)
      throws InterruptedException {
    if (input.overKafka()) {
      note(input, "kafka", pass, kafka.send(input));
    }
    if (input.overHttp()) {
      note(input, "http", pass, http.send(input));
    }
    alive(input, pass, kafka, http);
  }

  private void note(Case input, String via, int pass, Got got) {
    sent++;
    if (got.request() != null) {
      owed.put(got.request(), input.name());
    }
    if (!got.fits()) {
      fail(new Failure(input.name(), via, pass, input.expected().toString(), got.word()));
    }
  }

  private void fail(Failure failure) {
    failed++;
    if (failures.size() < MOST_FAILURES) {
      failures.add(failure);
    }
  }

  /// The next good request is taken, and the product says that it is ready.
  private void alive(Case after, int pass, KafkaWay kafka, HttpWay http)
      throws InterruptedException {
    var id = "good-" + plan.seed() + "-" + good++;
    var request =
        "{\"type\":\"simulation\",\"requestId\":\"%s\",\"params\":{\"campaignId\":\"corpus\",\"paths\":100}}"
            .formatted(id);
    var input =
        new Case(
            "a good request after " + after.name(),
            request.getBytes(StandardCharsets.UTF_8),
            false,
            new Expected(Outcome.A, null, null),
            Case.REQUESTS,
            Map.of());
    note(input, "kafka", pass, kafka.send(input));
    sent--;
    if (!http.ready()) {
      fail(new Failure(after.name(), "http", pass, "a product that stays ready", "not ready"));
    }
  }

  /// Nothing is known of what becomes of it, but that it is admitted or rejected for a reason.
  private void fuzz(Case input, KafkaWay kafka, HttpWay http) throws InterruptedException {
    var got = kafka.send(input);
    if (got.request() != null) {
      owed.put(got.request(), input.name());
    }
    boolean reasoned = got.word().equals("A") || got.word().startsWith("R E_");
    if (!reasoned || got.word().endsWith(RejectionCode.E_INTERNAL.name())) {
      fail(new Failure(input.name(), "kafka", 0, "A, or R with a reason", got.word()));
    }
    if (input.overHttp()) {
      var same =
          http.send(
              new Case(
                  input.name(), input.value(), false, expectedOf(got), input.topic(), Map.of()));
      if (same.request() != null) {
        owed.put(same.request(), input.name());
      }
      if (!same.fits()) {
        fail(new Failure(input.name(), "http", 0, got.word() + ", as over Kafka", same.word()));
      }
    }
  }

  private static Expected expectedOf(Got got) {
    var words = got.word().split(" ", 2);
    return Expected.of(words[0].length() == 1 ? words[0] : "A", words.length > 1 ? words[1] : "");
  }

  private CorpusReport judge(Watch watch, KafkaWay kafka) throws InterruptedException {
    say.accept("waiting for " + owed.size() + " completions");
    var unended = kafka.unended(owed.keySet(), DRAIN);
    for (var asked : unended) {
      fail(new Failure(inputOf(asked), "kafka", 0, "one completion", "none: lost"));
    }
    lost += unended.size();
    int doubled = 0;
    for (var asked : owed.keySet()) {
      int ends = watch.ends(asked).size();
      if (ends > 1) {
        doubled++;
        fail(new Failure(inputOf(asked), "kafka", 0, "one completion", ends + " completions"));
      }
    }
    lost += (int) failures.stream().filter(each -> each.got().endsWith("rejected: lost")).count();
    var audit = audit();
    boolean valid = failed == 0 && !audit.startsWith("INVALID");
    return new CorpusReport(
        valid ? Verdict.VALID : Verdict.INVALID,
        cases.size(),
        plan.shuffles() + 1,
        plan.seed(),
        sent,
        plan.fuzz(),
        lost,
        doubled,
        good,
        audit,
        failures);
  }

  private String inputOf(Asked asked) {
    return owed.get(asked) + ": " + asked.requestId();
  }

  /// What never happened leaves an invariant unknown; broken it must not be.
  private String audit() throws InterruptedException {
    say.accept("auditing the topics");
    var report =
        new AuditReader(
                product.clients(),
                product.topics(),
                product.types(),
                RequestHasher.KEYLESS,
                product.clock())
            .audit(null);
    var broken =
        report.invariants().stream()
            .filter(judged -> judged.verdict() == dev.millrace.audit.Report.Verdict.INVALID)
            .map(judged -> judged.id() + " " + judged.examples().getFirst().what())
            .collect(Collectors.joining("; "));
    return broken.isEmpty() ? report.verdict().name() : "INVALID: " + broken;
  }
}
