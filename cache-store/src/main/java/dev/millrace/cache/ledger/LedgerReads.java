package dev.millrace.cache.ledger;

import dev.millrace.contracts.DecisionKind;
import dev.millrace.contracts.RequestHash;
import dev.millrace.runtime.Resources;
import dev.millrace.runtime.reads.CacheStats;
import dev.millrace.runtime.reads.KnownAnswer;
import dev.millrace.runtime.reads.KnownEntry;
import dev.millrace.runtime.reads.LedgerReader;
import dev.millrace.runtime.reads.LedgerUnavailableException;
import dev.millrace.runtime.reads.Question;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The ledgers of this process, for whoever reads beside them. Each comes at takeover and goes when
/// its partition does.
public final class LedgerReads implements LedgerReader {

  private static final Logger LOG = LoggerFactory.getLogger(LedgerReads.class);

  private final Map<Integer, PartitionReads> ledgers = new ConcurrentHashMap<>();
  private final int partitions;
  private final MeterRegistry meters;
  private final Instant since;

  /// @param partitions of every topic keyed by hash
  public LedgerReads(int partitions, Resources resources) {
    this.partitions = partitions;
    this.meters = resources.meters();
    this.since = resources.clock().instant();
  }

  void open(int partition, PartitionReads ledger) {
    ledgers.put(partition, ledger);
  }

  void withdraw(int partition, PartitionReads ledger) {
    var _ = ledgers.remove(partition, ledger);
  }

  /// A transaction of this thread is committed, with all that its ledgers have written.
  ///
  /// @param begun when the commit began, in monotonic time
  public void committed(long begun) {
    var thread = Thread.currentThread();
    ledgers.values().forEach(ledger -> ledger.committed(thread, begun));
  }

  @Override
  public Optional<KnownAnswer> answer(Question question) {
    return ask(question.hash(), ledger -> ledger.answer(question));
  }

  @Override
  public Optional<KnownEntry> entry(RequestHash hash) {
    return ask(hash, ledger -> ledger.entry(hash));
  }

  @Override
  public List<CacheStats> stats() {
    return List.of(
        new CacheStats(
            ledgers.keySet().stream().sorted().toList(),
            since,
            decided(DecisionKind.HIT),
            decided(DecisionKind.JOINED),
            decided(DecisionKind.DISPATCHED),
            decided(DecisionKind.EVICTED),
            measured("cache.entries"),
            measured("cache.bytes"),
            List.of(layer("memory", "cache.memory.bytes"), layer("ledger", "cache.bytes"))));
  }

  private CacheStats.Layer layer(String name, String bytes) {
    return new CacheStats.Layer(name, looked(name, "hit"), looked(name, "miss"), measured(bytes));
  }

  private long looked(String layer, String result) {
    var reads = meters.find("cache.layer.reads").tags("layer", layer, "result", result).timer();
    return reads == null ? 0 : reads.count();
  }

  private long decided(DecisionKind kind) {
    var counter = meters.find("ledger.decisions").tag("decision", kind.name()).counter();
    return counter == null ? 0 : (long) counter.count();
  }

  private @Nullable Long measured(String name) {
    var gauges = meters.find(name).gauges();
    return gauges.isEmpty() ? null : (long) gauges.stream().mapToDouble(Gauge::value).sum();
  }

  private <T> T ask(RequestHash hash, Function<PartitionReads, T> read) {
    int partition = hash.partition(partitions);
    var ledger = ledgers.get(partition);
    if (ledger == null) {
      throw unavailable(partition, "it is not in this process");
    }
    try {
      return read.apply(ledger);
    } catch (RuntimeException e) {
      // The partition is on its way to another owner, or a row is broken: the ledger will see.
      LOG.debug("not read hash={}", hash, e);
      throw unavailable(partition, "its stores cannot be read now");
    }
  }

  private static LedgerUnavailableException unavailable(int partition, String why) {
    return new LedgerUnavailableException(
        "ledger partition " + partition + " cannot be asked: " + why);
  }
}
