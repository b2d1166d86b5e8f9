package dev.millrace.cli;

import dev.millrace.contracts.Completion;
import dev.millrace.contracts.DecisionKind;
import dev.millrace.contracts.HeaderNames;
import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.Source;
import dev.millrace.contracts.Status;
import dev.millrace.contracts.Tier;
import dev.millrace.contracts.Topic;
import dev.millrace.contracts.Topics;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/// What happened, counted from the records on the topics and nothing else.
///
/// @param distinct how many different hashes the completed requests had
/// @param runs how many successful outcomes the ledger accepted
/// @param computeMs spent computing
/// @param savedMs not spent, because an answer was shared or known
record DemoTally(
    long requests,
    long completed,
    long computed,
    long joined,
    long cached,
    long failed,
    long cancelled,
    long expired,
    long rejected,
    long distinct,
    long runs,
    long computeMs,
    long savedMs,
    long elapsedMs) {

  /// The topics that have to be read in full.
  static List<Topic<?>> topics(Topics topics) {
    return Stream.<Topic<?>>concat(
            Arrays.stream(Tier.values()).map(topics::requests),
            Stream.of(topics.rejected(), topics.completions(), topics.decisions()))
        .toList();
  }

  static DemoTally count(
      Topics topics, Iterable<ConsumerRecord<byte[], byte[]>> records, long elapsedMs) {
    var requestTopics =
        Arrays.stream(Tier.values())
            .map(tier -> topics.requests(tier).name())
            .collect(Collectors.toSet());
    long requests = 0;
    long runs = 0;
    Set<List<String>> rejections = new HashSet<>();
    Map<List<String>, Completion> completions = new HashMap<>();
    for (var record : records) {
      if (requestTopics.contains(record.topic())) {
        requests++;
      } else if (record.topic().equals(topics.rejected().name())) {
        var origin = origin(record);
        if (requestTopics.contains(origin.getFirst())) {
          rejections.add(origin);
        }
      } else if (record.topic().equals(topics.completions().name())) {
        var completion = topics.completions().serde().read(record.value());
        if (!completion.repeat()) {
          completions.putIfAbsent(identity(completion), completion);
        }
      } else if (record.topic().equals(topics.decisions().name())) {
        var decision = topics.decisions().serde().read(record.value());
        if (decision.decision() == DecisionKind.SUCCEEDED) {
          runs++;
        }
      }
    }
    return of(requests, rejections.size(), runs, List.copyOf(completions.values()), elapsedMs);
  }

  private static DemoTally of(
      long requests, long rejected, long runs, List<Completion> ends, long elapsedMs) {
    var completed = ends.stream().filter(end -> end.status() == Status.COMPLETED).toList();
    Set<RequestHash> hashes =
        completed.stream().map(Completion::requestHash).collect(Collectors.toSet());
    return new DemoTally(
        requests,
        completed.size(),
        from(completed, Source.COMPUTED),
        from(completed, Source.JOINED),
        from(completed, Source.CACHED) + from(completed, Source.STALE),
        ended(ends, Status.FAILED),
        ended(ends, Status.CANCELLED),
        ended(ends, Status.EXPIRED),
        rejected,
        hashes.size(),
        runs,
        completed.stream()
            .filter(end -> end.source() == Source.COMPUTED)
            .mapToLong(Completion::runMs)
            .sum(),
        completed.stream().mapToLong(Completion::savedMs).sum(),
        elapsedMs);
  }

  /// What does not add up, a sentence each; empty when all is well.
  List<String> problems() {
    var problems = new ArrayList<String>();
    long ends = completed + failed + cancelled + expired + rejected;
    if (requests != ends) {
      problems.add(requests + " requests, but " + ends + " ends");
    }
    long sources = computed + joined + cached;
    if (completed != sources) {
      problems.add(completed + " completed, but " + sources + " with a source");
    }
    if (runs != distinct) {
      problems.add(distinct + " different questions answered, but " + runs + " runs accepted");
    }
    return problems;
  }

  /// For people.
  List<String> table() {
    return Table.align(
        List.of(
            List.of("requests", Long.toString(requests)),
            List.of("  computed", Long.toString(computed), distinct + " different questions"),
            List.of("  joined", Long.toString(joined), "asked while the answer was on its way"),
            List.of("  cached", Long.toString(cached), "asked when the answer was known"),
            List.of("  failed", Long.toString(failed), "after three attempts, now a dead letter"),
            List.of("  cancelled", Long.toString(cancelled), "while it ran"),
            List.of("  expired", Long.toString(expired)),
            List.of("  rejected", Long.toString(rejected), "not JSON"),
            List.of("time spent", ProgressLines.seconds(computeMs), "computing"),
            List.of("time saved", ProgressLines.seconds(savedMs), "by joining and caching"),
            List.of("elapsed", ProgressLines.seconds(elapsedMs))));
  }

  private static long from(List<Completion> completed, Source source) {
    return completed.stream().filter(end -> end.source() == source).count();
  }

  private static long ended(List<Completion> ends, Status status) {
    return ends.stream().filter(end -> end.status() == status).count();
  }

  private static List<String> identity(Completion completion) {
    return List.of(
        Objects.requireNonNullElse(completion.organizationId(), "-"),
        completion.requestId(),
        completion.requestHash().hex());
  }

  /// A rejection may be repeated; where its record stood tells which one it is.
  private static List<String> origin(ConsumerRecord<byte[], byte[]> record) {
    return Stream.of(HeaderNames.ERROR_TOPIC, HeaderNames.ERROR_PARTITION, HeaderNames.ERROR_OFFSET)
        .map(name -> String.valueOf(HeaderNames.text(record.headers(), name)))
        .toList();
  }
}
