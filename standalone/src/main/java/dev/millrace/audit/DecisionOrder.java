package dev.millrace.audit;

import static dev.millrace.audit.Invariant.I18;

import dev.millrace.contracts.Decision;
import java.util.TreeMap;

/// Puts the decisions of the ledger partitions, which lie scattered over the topic's own, back into
/// the order in which they were made. What comes early waits for its turn.
final class DecisionOrder {

  private final Facts facts;
  private final Replay replay;
  private final TreeMap<Integer, Ledger> ledgers = new TreeMap<>();

  /// A decision and where it stands.
  record Made(Decision decision, long place, long timestamp) {}

  private static final class Ledger {
    private final TreeMap<Long, Made> early = new TreeMap<>();
    private long next = 1;
    private long clock;
  }

  DecisionOrder(Facts facts, Replay replay) {
    this.facts = facts;
    this.replay = replay;
  }

  void take(Made made) {
    var decision = made.decision();
    var ledger = ledgers.computeIfAbsent(decision.partition(), _ -> new Ledger());
    facts.findings.checked(I18);
    if (decision.sequence() < ledger.next
        || ledger.early.putIfAbsent(decision.sequence(), made) != null) {
      facts.findings.broken(
          I18,
          made.place(),
          "the number %d of ledger partition %d was given twice"
              .formatted(decision.sequence(), decision.partition()));
      return;
    }
    deliver(ledger);
  }

  private void deliver(Ledger ledger) {
    for (var made = ledger.early.remove(ledger.next);
        made != null;
        made = ledger.early.remove(ledger.next)) {
      ledger.next++;
      deliver(ledger, made);
    }
  }

  private void deliver(Ledger ledger, Made made) {
    long at = made.decision().at().toEpochMilli();
    if (at < ledger.clock) {
      facts.findings.broken(
          I18, made.place(), "the ledger's clock went back by " + (ledger.clock - at) + " ms");
    }
    ledger.clock = Math.max(ledger.clock, at);
    replay.take(made);
  }

  /// What still waits has a gap before it: the rest of the topic was being written while it was
  /// read, or numbers are missing.
  void finish() {
    ledgers.forEach((partition, ledger) -> {
      while (!ledger.early.isEmpty()) {
        var made = ledger.early.firstEntry().getValue();
        if (facts.fresh(made.timestamp())) {
          facts.findings.open(I18, "decisions too young to judge");
          ledger.early.clear();
        } else {
          if (!facts.scene.cut().contains(facts.scene.topics().decisions().name())) {
            facts.findings.broken(
                I18,
                made.place(),
                "the numbers %d to %d of ledger partition %d are missing before it"
                    .formatted(ledger.next, made.decision().sequence() - 1, partition));
          }
          ledger.next = made.decision().sequence();
          deliver(ledger);
        }
      }
    });
  }
}
