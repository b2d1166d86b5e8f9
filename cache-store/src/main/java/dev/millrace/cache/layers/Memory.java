package dev.millrace.cache.layers;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.List;
import org.ehcache.Cache;
import org.ehcache.CacheManager;
import org.ehcache.Status;
import org.ehcache.config.builders.CacheConfigurationBuilder;
import org.ehcache.config.builders.CacheManagerBuilder;
import org.ehcache.config.builders.ResourcePoolsBuilder;
import org.ehcache.config.units.EntryUnit;
import org.ehcache.config.units.MemoryUnit;
import org.ehcache.core.internal.statistics.DefaultStatisticsService;
import org.ehcache.core.statistics.TierStatistics;
import org.jspecify.annotations.Nullable;

/// Ehcache with one cache of its own. Where both tiers are on, all lies outside the heap, and on it
/// a copy of what is asked for most.
///
/// Whatever goes wrong in it is thrown.
final class Memory implements AutoCloseable {

  private static final String RESULTS = "results";

  private final CacheManager manager;
  private final Cache<String, byte[]> results;
  private final MeterRegistry registry;
  private final List<Meter> meters = new ArrayList<>();

  Memory(ResultCache.Sizes sizes, MeterRegistry registry) {
    this.registry = registry;
    var statistics = new DefaultStatisticsService();
    manager =
        CacheManagerBuilder.newCacheManagerBuilder()
            .using(statistics)
            .withCache(
                RESULTS,
                CacheConfigurationBuilder.newCacheConfigurationBuilder(
                        String.class, byte[].class, pools(sizes))
                    .withResilienceStrategy(new RaisedFailures<>()))
            .build(true);
    results = manager.getCache(RESULTS, String.class, byte[].class);
    statistics
        .getCacheStatistics(RESULTS)
        .getTierStatistics()
        .forEach((tier, counts) -> measure(tier.equals("OnHeap") ? "heap" : "off-heap", counts));
  }

  private static ResourcePoolsBuilder pools(ResultCache.Sizes sizes) {
    var pools = ResourcePoolsBuilder.newResourcePoolsBuilder();
    if (sizes.heapEntries() > 0) {
      pools = pools.heap(sizes.heapEntries(), EntryUnit.ENTRIES);
    }
    if (sizes.offHeapBytes() > 0) {
      pools = pools.offheap(sizes.offHeapBytes(), MemoryUnit.B);
    }
    return pools;
  }

  private void measure(String tier, TierStatistics counts) {
    meters.add(
        FunctionCounter.builder("cache.memory.hits", counts, TierStatistics::getHits)
            .tag("tier", tier)
            .register(registry));
    meters.add(
        Gauge.builder("cache.memory.entries", counts, TierStatistics::getMappings)
            .tag("tier", tier)
            .strongReference(true)
            .register(registry));
    if (tier.equals("off-heap")) {
      meters.add(
          Gauge.builder("cache.memory.bytes", counts, TierStatistics::getOccupiedByteSize)
              .tag("tier", tier)
              .strongReference(true)
              .register(registry));
    }
  }

  byte @Nullable [] get(String key) {
    return results.get(key);
  }

  void put(String key, byte[] json) {
    results.put(key, json);
  }

  /// The meters would go on asking what is closed.
  @Override
  public void close() {
    meters.forEach(registry::remove);
    if (manager.getStatus() == Status.AVAILABLE) {
      manager.close();
    }
  }
}
