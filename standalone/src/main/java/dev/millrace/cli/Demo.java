package dev.millrace.cli;

import dev.millrace.cli.DemoWorkload.Ask;
import dev.millrace.cli.ProgressLines.State;
import dev.millrace.contracts.Command.Cancel;
import dev.millrace.contracts.DecisionKind;
import dev.millrace.contracts.HeaderNames;
import dev.millrace.contracts.Receipt;
import dev.millrace.contracts.Topic;
import dev.millrace.runtime.Sender;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.SerializationException;

/// Plays the workload against a running cluster and counts what became of it. A caller like any
/// other: it produces requests and one command, and reads topics.
final class Demo {

  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private final Context context;
  private final Cluster cluster;
  private final DemoWorkload workload;
  private final String cancelId;

  private final Set<String> open = new LinkedHashSet<>();
  private final Set<String> firstWave = new HashSet<>();
  private final Set<String> answers = new HashSet<>();
  private final Map<Integer, Receipt> receipts = new HashMap<>();
  private String endlessJob = "";
  private boolean rejectionSeen;
  private boolean cancelled;
  private boolean askedAgain;

  Demo(Context context, Cluster cluster, String run) {
    this.context = context;
    this.cluster = cluster;
    this.workload = new DemoWorkload(run);
    this.cancelId = run + "-cancel";
  }

  /// Submits, waits until every request has ended and every partition has answered the cancel.
  ///
  /// @throws CliException 4 when that takes too long
  void play() {
    var topics = cluster.topics();
    try (var tail =
            cluster.tail(
                TopicTail.From.END,
                topics.decisions(),
                topics.progress(),
                topics.completions(),
                topics.rejected(),
                topics.receipts());
        var sender = cluster.sender();
        var screen =
            new ProgressScreen(
                context.err(), context.terminal(), context.resources().get().nanoTime())) {
      var jobs =
          new JobWatch(
              topics,
              line -> firstWave.contains(line.id()) || line.state() instanceof State.Ended,
              screen::show);
      var endless = workload.endless();
      var distinct = workload.distinct();
      begin(sender, jobs, endless, distinct);

      long end = System.nanoTime() + PATIENCE.toNanos();
      while (!finished()) {
        if (System.nanoTime() > end) {
          throw CliException.timedOut("The demo is stuck, without an end: " + missing());
        }
        for (var record : tail.poll(Duration.ofMillis(50))) {
          jobs.accept(record);
          accept(record, sender, endless);
        }
        screen.refresh();
        if (!askedAgain && answers.containsAll(ids(distinct))) {
          askedAgain = true;
          send(sender, workload.afterwards());
        }
      }
    }
  }

  private void begin(Sender sender, JobWatch jobs, Ask endless, List<Ask> distinct) {
    var first = new ArrayList<Ask>(List.of(endless, workload.failing()));
    first.addAll(distinct);
    firstWave.addAll(ids(first));
    for (var ask : first) {
      jobs.expect(String.valueOf(ask.requestId()), ask.type(), ask.tier());
    }
    first.add(workload.broken());
    send(sender, first);
    send(sender, workload.whileRunning());
  }

  private void send(Sender sender, List<Ask> asks) {
    open.addAll(ids(asks));
    var sent =
        asks.stream()
            .map(ask -> {
              Topic<?> topic = cluster.topics().requests(ask.tier());
              return sender.send(topic.name(), null, null, utf8(ask.value()), Map.of());
            })
            .toList();
    sent.forEach(future -> future.join());
  }

  private void accept(ConsumerRecord<byte[], byte[]> record, Sender sender, Ask endless) {
    var topics = cluster.topics();
    try {
      if (record.topic().equals(topics.completions().name())) {
        var completion = topics.completions().serde().read(record.value());
        open.remove(completion.requestId());
        answers.add(completion.requestId());
      } else if (record.topic().equals(topics.rejected().name())) {
        rejectionSeen |= HeaderNames.text(record.headers(), HeaderNames.ERROR_TOPIC) != null;
      } else if (record.topic().equals(topics.receipts().name())) {
        var receipt = topics.receipts().serde().read(record.value());
        if (receipt.commandId().equals(cancelId)) {
          receipts.put(receipt.partition(), receipt);
        }
      } else if (record.topic().equals(topics.decisions().name())) {
        var decision = topics.decisions().serde().read(record.value());
        var job = decision.jobId();
        if (endless.requestId() != null && endless.requestId().equals(decision.requestId())) {
          endlessJob = job == null ? endlessJob : job.value();
        }
        if (decision.decision() == DecisionKind.STARTED
            && job != null
            && job.value().equals(endlessJob)) {
          cancel(sender, endless);
        }
      }
    } catch (SerializationException _) {
      // the ledger's to reject, not ours
    }
  }

  private void cancel(Sender sender, Ask endless) {
    if (!cancelled && endless.requestId() != null) {
      cancelled = true;
      var command = new Cancel(cancelId, null, DemoWorkload.CANCELLING, endless.requestId());
      sender.send(cluster.topics().commands(), null, cancelId, command, Map.of()).join();
    }
  }

  private boolean finished() {
    return askedAgain
        && open.isEmpty()
        && rejectionSeen
        && !receipts.isEmpty()
        && receipts.size() >= receipts.values().iterator().next().partitions();
  }

  private String missing() {
    var missing = new ArrayList<>(open);
    if (!rejectionSeen) {
      missing.add("the broken record");
    }
    if (receipts.isEmpty()) {
      missing.add("the receipts of the cancel");
    }
    return String.join(", ", missing);
  }

  /// Counts everything that is on the topics.
  DemoTally count(long elapsedMs) {
    var topics = DemoTally.topics(cluster.topics()).toArray(Topic<?>[]::new);
    try (var tail = cluster.tail(TopicTail.From.START, topics)) {
      return DemoTally.count(cluster.topics(), tail.readAll(), elapsedMs);
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static List<String> ids(List<Ask> asks) {
    var ids = new ArrayList<String>();
    for (var ask : asks) {
      if (ask.requestId() != null) {
        ids.add(ask.requestId());
      }
    }
    return ids;
  }
}
