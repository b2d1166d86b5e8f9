package dev.millrace.cache.ledger;

import dev.millrace.cache.eviction.EvictionIndex;
import dev.millrace.cache.eviction.EvictionIndex.Victim;
import dev.millrace.cache.ledger.Entry.Answer;
import dev.millrace.contracts.RequestHash;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Keeps the answers of one partition within its budget.
///
/// Which answer goes is said by an index in memory, fed with what the ledger stores, gives and
/// drops. A hit thus writes nothing. It cannot disagree with the stores for long: when a
/// transaction is aborted, Kafka Streams closes the task and initialises the processor again
/// (`StreamTask.suspend` closes it, `completeRestoration` after `revive` initialises it), and a new
/// `Room` reads the entries anew. It does so a slice at a time, so that a takeover waits for none
/// of it; how often each was asked is not kept, and begins again. Until all are read, the budget
/// holds for those that are.
final class Room {

  /// So many go at once; the rest is left for the next turn of the clock.
  private static final int MOST_AT_ONCE = 100;

  private static final int READ_AT_ONCE = 2_000;

  private final EvictionIndex index;
  private final Stores stores;
  private final MeterRegistry meters;
  private final List<Gauge> gauges;
  private @Nullable RequestHash readUpTo;
  private boolean allRead;

  Room(EvictionIndex index, Stores stores, MeterRegistry meters, int partition) {
    this.index = index;
    this.stores = stores;
    this.meters = meters;
    var name = Integer.toString(partition);
    gauges =
        List.of(
            Gauge.builder("cache.entries", index, EvictionIndex::entries)
                .tag("partition", name)
                .register(meters),
            Gauge.builder("cache.bytes", index, EvictionIndex::bytes)
                .tag("partition", name)
                .register(meters));
  }

  /// Reads the next slice of what was stored before this process; nothing when all is read.
  void readOn() {
    if (allRead) {
      return;
    }
    var rows = stores.entriesAfter(readUpTo, READ_AT_ONCE);
    for (var row : rows) {
      readUpTo = row.hash();
      var answer = row.entry().answer();
      if (answer != null && !index.contains(row.hash())) {
        index.put(row.hash(), Answers.bytes(answer), answer.runMs(), 0);
      }
    }
    allRead = rows.size() < READ_AT_ONCE;
  }

  /// Whether an answer that takes `bytes` can be stored at all.
  boolean fits(long bytes) {
    return bytes <= index.budget().bytes();
  }

  void hit(RequestHash hash) {
    index.hit(hash);
  }

  /// The answer of a hash may have become another.
  ///
  /// @return who has to go for it
  List<Victim> changed(RequestHash hash, @Nullable Answer before, @Nullable Answer after) {
    boolean same = before != null && after != null && before.epoch() == after.epoch();
    if (same || Objects.equals(before, after)) {
      return List.of();
    }
    if (after == null) {
      index.remove(hash);
      return List.of();
    }
    return index.put(hash, Answers.bytes(after), after.runMs(), MOST_AT_ONCE);
  }

  /// Who has to go although nothing was stored just now.
  List<Victim> overflow() {
    return index.trim(MOST_AT_ONCE);
  }

  /// Why a victim has to go, as its decision says it.
  String reason(Victim victim) {
    return index.policy().id() + ": over the partition's share of cache.max." + limit(victim);
  }

  void evicted(Victim victim) {
    meters
        .counter("cache.evictions", "policy", index.policy().id(), "reason", limit(victim))
        .increment();
  }

  private static String limit(Victim victim) {
    return victim.limit().name().toLowerCase(Locale.ROOT);
  }

  /// The gauges would go on showing this index after another has taken over.
  void close() {
    gauges.forEach(meters::remove);
  }
}
