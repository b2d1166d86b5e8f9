package dev.millrace.audit;

import static dev.millrace.audit.Invariant.I16;

import dev.millrace.contracts.RetryDelay;
import dev.millrace.contracts.Setting;
import dev.millrace.contracts.Tier;
import dev.millrace.contracts.Topic;
import dev.millrace.contracts.Topics;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.SerializationException;

/// Judges every guarantee by the records alone. Records go in phase by phase, in the order of their
/// offsets within each partition; the verdict comes out.
///
/// ```
/// requests, rejected, admitted ─▶ Intake ──┐
/// jobs.outcomes ────────────────▶ Outcomes ┼─▶ Facts ─▶ Findings ─▶ Report
/// decisions ─▶ DecisionOrder ───▶ Replay ──┤
/// completions ──────────────────▶ Ends ────┤
/// progress, dead letters, lanes ▶ Trails ──┘
/// ```
public final class Audit {

  /* One pass, nothing kept of a record but what a later one needs: measured, 680 bytes for a request
  when every second one is computed. Identifiers are 128-bit digests. */

  private final Facts facts;
  private final Intake intake;
  private final Outcomes outcomes;
  private final DecisionOrder decisions;
  private final Ends ends;
  private final Trails trails;
  private final Map<String, Consumer<ConsumerRecord<byte[], byte[]>>> readers = new HashMap<>();
  private final Map<Feed, String> gone = new EnumMap<>(Feed.class);

  public Audit(Scene scene) {
    facts = new Facts(scene);
    intake = new Intake(facts);
    outcomes = new Outcomes(facts);
    decisions = new DecisionOrder(facts, new Replay(facts));
    ends = new Ends(facts);
    trails = new Trails(facts);
    readers(scene.topics());
    for (var feed : Feed.values()) {
      var cut = feed.topics(scene.topics()).stream().filter(scene.cut()::contains).toList();
      if (!cut.isEmpty()) {
        gone.put(feed, "the beginning, deleted by retention, of " + String.join(", ", cut));
      }
    }
  }

  /// The topics to be read, in the order in which they are taken: one list after the other.
  public static List<List<String>> phases(Topics topics) {
    return Arrays.stream(Feed.values()).map(feed -> feed.topics(topics)).toList();
  }

  private void readers(Topics topics) {
    reader(topics.settings(), (_, setting) -> incarnation(setting));
    readers.put(topics.rejected().name(), intake::rejected);
    for (var tier : Tier.values()) {
      readers.put(topics.requests(tier).name(), intake::request);
      reader(topics.admitted(tier), intake::admitted);
      reader(topics.lane(tier), trails::queued);
    }
    reader(topics.background(), trails::queued);
    for (var delay : RetryDelay.values()) {
      reader(topics.retry(delay), trails::queued);
    }
    reader(topics.admittedCommands(), intake::command);
    reader(topics.receipts(), (_, receipt) -> intake.receipt(receipt));
    reader(topics.outcomes(), outcomes::take);
    reader(
        topics.decisions(),
        (record, decision) ->
            decisions.take(new DecisionOrder.Made(decision, place(record), record.timestamp())));
    reader(topics.completions(), ends::take);
    reader(topics.progress(), trails::progress);
    reader(topics.deadLetters(), trails::deadLetter);
  }

  private <V> void reader(Topic<V> topic, BiConsumer<ConsumerRecord<byte[], byte[]>, V> taker) {
    readers.put(
        topic.name(),
        record -> {
          V value;
          try {
            if (record.value() == null) {
              throw new SerializationException("no value");
            }
            value = topic.serde().read(record.value());
          } catch (SerializationException e) {
            undecodable(record);
            return;
          }
          taker.accept(record, value);
        });
  }

  /// Takes one record. What is not of the phases is not looked at.
  public void take(ConsumerRecord<byte[], byte[]> record) {
    var reader = readers.get(record.topic());
    if (reader != null) {
      reader.accept(record);
    }
  }

  /// One of the lists of [#phases] has been taken to its end.
  public void phaseTaken(List<String> topics) {
    if (topics.contains(facts.scene.topics().decisions().name())) {
      decisions.finish();
    }
  }

  public Report judge() {
    intake.judge();
    outcomes.judge();
    ends.judge();
    trails.judge();
    return Report.of(intake.requests(), facts.findings.judge(gone));
  }

  /// Whoever reads such a record must have put it aside.
  private void undecodable(ConsumerRecord<byte[], byte[]> record) {
    facts.findings.checked(I16);
    if (!facts.putAside.contains(place(record))) {
      facts.lacks(I16, record.timestamp(), place(record), "not decodable, and not put aside");
    }
  }

  /// A ledger partition that was built from nothing counts its decisions anew: their order is lost.
  private void incarnation(Setting setting) {
    boolean again =
        setting.setting().startsWith("incarnation.")
            && setting.count() != null
            && setting.count() > 0;
    if (again) {
      gone.put(
          Feed.DECISIONS,
          "the order of decisions: a ledger partition was built from nothing ("
              + setting.setting()
              + ")");
    }
  }

  private long place(ConsumerRecord<byte[], byte[]> record) {
    return facts.places.of(record.topic(), record.partition(), record.offset());
  }
}
