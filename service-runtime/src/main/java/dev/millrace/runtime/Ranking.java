package dev.millrace.runtime;

import dev.millrace.contracts.Tier;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.streams.processor.TimestampExtractor;

/// The order in which one Streams task takes its input topics.
///
/// A task takes the record with the lowest timestamp first, whatever the timestamp means. Here it
/// means rank: what must not wait gets 0, tiers share by weighted virtual time (start-time fair
/// queueing, Goyal et al. 1996): a tier of weight w advances 1/w per record, and one that was idle
/// starts at the virtual time of what was last served, so that it neither starves nor floods. A
/// backlog of one tier thus delays no other.
public final class Ranking {

  /// The weights of the lanes and of the inputs before them.
  public static final Map<Tier, Integer> WEIGHTS =
      Map.of(Tier.ENTERPRISE, 6, Tier.PRO, 3, Tier.FREE, 1);

  /// Virtual time of one record of weight 1: divisible by every weight.
  private static final long UNIT = 60;

  private final Map<Integer, Partition> partitions = new ConcurrentHashMap<>();

  /// For inputs that go before all tiers.
  public TimestampExtractor first() {
    return (record, partitionTime) -> 0;
  }

  /// For the input of one tier.
  public TimestampExtractor tier(Tier tier) {
    long step = UNIT / WEIGHTS.getOrDefault(tier, 1);
    return (ConsumerRecord<Object, Object> record, long partitionTime) ->
        partition(record.partition()).next(tier, step);
  }

  /// Notes that the record of rank `timestamp` is being processed.
  public void served(int partition, long timestamp) {
    partition(partition).served(timestamp);
  }

  private Partition partition(int number) {
    return partitions.computeIfAbsent(number, _ -> new Partition());
  }

  private static final class Partition {
    private final AtomicLong virtualTime = new AtomicLong(1);
    private final EnumMap<Tier, Long> last = new EnumMap<>(Tier.class);

    synchronized long next(Tier tier, long step) {
      long rank = Math.max(last.getOrDefault(tier, 0L), virtualTime.get()) + step;
      last.put(tier, rank);
      return rank;
    }

    void served(long rank) {
      virtualTime.accumulateAndGet(rank, Math::max);
    }
  }
}
