package dev.millrace.cli;

import dev.millrace.contracts.Command;
import dev.millrace.contracts.DecisionKind;
import dev.millrace.contracts.HeaderNames;
import dev.millrace.contracts.Receipt;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.SerializationException;

/// Produces commands and waits until every ledger partition has answered each.
final class CommandSender {

  private final Cluster cluster;

  CommandSender(Cluster cluster) {
    this.cluster = cluster;
  }

  /// What all partitions answered to one command.
  ///
  /// @param tooLate the ids of requests that had already ended
  record Answer(Collection<Receipt> receipts, Set<String> tooLate) {

    long found() {
      return receipts.stream().mapToLong(Receipt::found).sum();
    }

    /// What the partitions complain about, each complaint once.
    List<String> errors() {
      return receipts.stream()
          .map(Receipt::error)
          .filter(error -> error != null)
          .distinct()
          .toList();
    }
  }

  /// Sends `commands`, each with its own command id, and returns the answers by that id.
  ///
  /// @throws CliException 4 when not all partitions have answered in time
  Map<String, Answer> send(List<? extends Command> commands, Duration patience) {
    var topics = cluster.topics();
    try (var tail =
            cluster.tail(
                TopicTail.From.END, topics.receipts(), topics.decisions(), topics.rejected());
        var sender = cluster.sender()) {
      var waiting = new LinkedHashMap<String, Map<Integer, Receipt>>();
      for (var command : commands) {
        waiting.put(String.valueOf(command.commandId()), new TreeMap<>());
        sender.send(topics.commands(), null, command.commandId(), command, Map.of()).join();
      }
      var tooLate = new HashSet<String>();
      long end = System.nanoTime() + patience.toNanos();
      while (!waiting.values().stream().allMatch(CommandSender::complete)) {
        if (System.nanoTime() > end) {
          throw CliException.timedOut(
              "Not every ledger partition has answered within %d s; is the cache-store running? The command stays on the topic and will be applied."
                  .formatted(patience.toSeconds()));
        }
        tail.poll(Duration.ofMillis(200)).forEach(record -> take(record, waiting, tooLate));
      }
      // the decisions of the same transactions may still be on their way here
      tail.poll(Duration.ofMillis(300)).forEach(record -> take(record, waiting, tooLate));
      var answers = new HashMap<String, Answer>();
      waiting.forEach(
          (id, receipts) -> answers.put(id, new Answer(receipts.values(), Set.copyOf(tooLate))));
      return answers;
    }
  }

  private void take(
      ConsumerRecord<byte[], byte[]> record,
      Map<String, Map<Integer, Receipt>> waiting,
      Set<String> tooLate) {
    var topics = cluster.topics();
    try {
      if (record.topic().equals(topics.receipts().name())) {
        var receipt = topics.receipts().serde().read(record.value());
        var receipts = waiting.get(receipt.commandId());
        if (receipts != null) {
          receipts.put(receipt.partition(), receipt);
        }
      } else if (record.topic().equals(topics.decisions().name())) {
        var decision = topics.decisions().serde().read(record.value());
        if (decision.decision() == DecisionKind.TOO_LATE && decision.requestId() != null) {
          tooLate.add(decision.requestId());
        }
      } else if (topics
              .commands()
              .name()
              .equals(HeaderNames.text(record.headers(), HeaderNames.ERROR_TOPIC))
          && record.key() != null
          && waiting.containsKey(
              new String(record.key(), java.nio.charset.StandardCharsets.UTF_8))) {
        throw new CliException(
            ExitCode.FAILED,
            "The command was rejected: "
                + HeaderNames.text(record.headers(), HeaderNames.ERROR_MESSAGE));
      }
    } catch (SerializationException _) {
      // a record of somebody else that does not decode is not an answer
    }
  }

  private static boolean complete(Map<Integer, Receipt> receipts) {
    return !receipts.isEmpty()
        && receipts.size() >= new ArrayList<>(receipts.values()).getFirst().partitions();
  }

  /// A new command id, hard to guess and easy to find.
  static String newId(Context context) {
    return "cli-" + Long.toHexString(context.resources().get().random().nextLong());
  }
}
