package dev.millrace.cache.layers;

import dev.millrace.contracts.RequestHash;
import dev.millrace.runtime.Resources;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The JSON of results, in the memory of one process, so that a hit need not read, decrypt and
/// decompress a row. A layer above the stores, which may lose anything at any time and is never
/// told of a change.
///
/// It needs no telling, because a result is found by tenure, hash and epoch. Whoever reads has read
/// the ledger's entry, has judged it, and asks for the epoch that stands there: what is expired,
/// invalidated, evicted or replaced is no longer asked for. One epoch ends once, so it never has
/// two results.
///
/// **Aborted transactions.** What one has put in stays, and after it the same epochs are given out
/// again, perhaps for something else. But Kafka Streams then closes the ledger and starts it anew,
/// which is a new [Tenure], as is a partition that comes back: nobody asks for what was put in
/// during another.
///
/// **Trouble.** What fails is a miss; it is counted, and logged once a minute.
public final class ResultCache implements AutoCloseable {

  /// Larger results are not kept: a few would push out hundreds. Workers put them into the blob
  /// store, where this size is theirs too.
  public static final int LARGEST_BYTES = 64 * 1024;

  private static final Logger LOG = LoggerFactory.getLogger(ResultCache.class);
  private static final long LOG_EVERY = Duration.ofMinutes(1).toNanos();

  private final Resources resources;
  private final @Nullable Memory memory;
  private final LayerReads memoryReads;
  private final LayerReads ledgerReads;
  private final AtomicLong tenures = new AtomicLong();
  private final AtomicLong loggedAt;

  /// How much is kept.
  ///
  /// @param heapEntries results on the heap; 0: none
  /// @param offHeapBytes of results outside the heap, taken at once; 0: none
  public record Sizes(int heapEntries, long offHeapBytes) {

    /// Nothing is kept; every read goes to the stores.
    public static final Sizes NONE = new Sizes(0, 0);
  }

  private ResultCache(Sizes sizes, Resources resources) {
    this.resources = resources;
    loggedAt = new AtomicLong(resources.nanoTime().getAsLong() - LOG_EVERY);
    memoryReads = new LayerReads("memory", resources);
    ledgerReads = new LayerReads("ledger", resources);
    memory = sizes.equals(Sizes.NONE) ? null : memory(sizes);
  }

  /// Takes the memory. When it cannot be had, that is logged, and nothing is kept.
  public static ResultCache open(Sizes sizes, Resources resources) {
    return new ResultCache(sizes, resources);
  }

  private @Nullable Memory memory(Sizes sizes) {
    try {
      return new Memory(sizes, resources.meters());
    } catch (RuntimeException e) {
      failed("open", e);
      return null;
    }
  }

  /// The part of one ledger, from its takeover to its end.
  public Tenure tenure() {
    return new Tenure(tenures.incrementAndGet());
  }

  @Override
  public void close() {
    if (memory != null) {
      memory.close();
    }
  }

  /// What one ledger keeps here while it has its partition.
  public final class Tenure {

    private final long number;

    private Tenure(long number) {
      this.number = number;
    }

    /// The result of an epoch, which is kept for the next time. For the ledger's own thread: it
    /// alone changes what is stored, so that the row is that of the entry it has read.
    ///
    /// @param stored reads it from the store; null: it cannot be read
    public byte @Nullable [] get(RequestHash hash, long epoch, Supplier<byte @Nullable []> stored) {
      var key = key(hash, epoch);
      var known = read(key);
      if (known != null) {
        return known;
      }
      var result = ledgerReads.read(stored);
      if (result != null) {
        put(key, result);
      }
      return result;
    }

    /// The same for other threads. It keeps nothing: the row may have become another's since they
    /// read the entry.
    public byte @Nullable [] peek(
        RequestHash hash, long epoch, Supplier<byte @Nullable []> stored) {
      var known = read(key(hash, epoch));
      return known == null ? ledgerReads.read(stored) : known;
    }

    private String key(RequestHash hash, long epoch) {
      return number + ":" + hash.hex() + ":" + epoch;
    }
  }

  private byte @Nullable [] read(String key) {
    var here = memory;
    if (here == null) {
      return null;
    }
    return memoryReads.read(() -> {
      try {
        return here.get(key);
      } catch (RuntimeException e) {
        failed("read", e);
        return null;
      }
    });
  }

  private void put(String key, byte[] json) {
    if (memory == null) {
      return;
    }
    try {
      memory.put(key, json);
    } catch (RuntimeException e) {
      failed("write", e);
    }
  }

  private void failed(String reason, RuntimeException e) {
    resources
        .meters()
        .counter("cache.layer.errors", "layer", "memory", "reason", reason)
        .increment();
    long now = resources.nanoTime().getAsLong();
    long last = loggedAt.get();
    if (now - last >= LOG_EVERY && loggedAt.compareAndSet(last, now)) {
      LOG.warn(
          "the results in memory fail and those in the stores are read ({}); if there is not enough"
              + " memory, lower cache.memory.off.heap.bytes",
          reason,
          e);
    }
  }
}
