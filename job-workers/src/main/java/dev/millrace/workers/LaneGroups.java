package dev.millrace.workers;

import dev.millrace.contracts.Tier;
import dev.millrace.contracts.Topics;
import dev.millrace.runtime.KafkaClients;
import dev.millrace.runtime.TopicAdmin;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The share groups of the lanes as the broker must keep them: it reads these settings from the
/// group, not from its members, and by itself would start at the latest record, hand out records of
/// aborted transactions, and drop a record after five deliveries.
final class LaneGroups {

  private static final Logger LOG = LoggerFactory.getLogger(LaneGroups.class);

  private static final Map<String, String> CONFIG =
      Map.of(
          "share.auto.offset.reset", "earliest",
          "share.isolation.level", "read_committed",
          "share.delivery.count.limit", "10");

  private static final String LOCK = "share.record.lock.duration.ms";

  /// A record is accepted within a second or two of being fetched, so whoever takes longer hangs,
  /// or its client fetched ahead just before the slots filled up. The shorter the lock, the sooner
  /// somebody else gets it; a broker with Kafka's own limits takes no less than the second.
  private static final List<Duration> LOCKS =
      List.of(Duration.ofSeconds(4), Duration.ofSeconds(15));

  private LaneGroups() {}

  static void configure(KafkaClients clients, Topics topics) {
    try (var admin = clients.admin()) {
      alter(admin, topics, CONFIG);
      lock(admin, topics);
    }
  }

  private static void lock(Admin admin, Topics topics) {
    for (var lock : LOCKS) {
      try {
        alter(admin, topics, Map.of(LOCK, Long.toString(lock.toMillis())));
        return;
      } catch (InvalidConfigurationException e) {
        LOG.debug("the broker does not take a lock of {} ms", lock.toMillis(), e);
      }
    }
  }

  private static void alter(Admin admin, Topics topics, Map<String, String> config) {
    Map<ConfigResource, Collection<AlterConfigOp>> changes =
        groups(topics)
            .collect(
                Collectors.toMap(
                    group -> new ConfigResource(ConfigResource.Type.GROUP, group),
                    _ -> operations(config)));
    try {
      var _ = admin.incrementalAlterConfigs(changes).all().get(30, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof InvalidConfigurationException invalid) {
        throw invalid;
      }
      throw new KafkaException(
          "the broker does not take the settings of the lanes' share groups: " + e.getCause(),
          e.getCause());
    } catch (TimeoutException e) {
      throw new KafkaException("the broker did not answer within 30 s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException("interrupted at the start", e);
    }
  }

  private static Stream<String> groups(Topics topics) {
    return Stream.concat(
        Arrays.stream(Tier.values()).map(tier -> TopicAdmin.laneGroup(topics, tier)),
        Stream.of(TopicAdmin.backgroundGroup(topics)));
  }

  private static Collection<AlterConfigOp> operations(Map<String, String> config) {
    return config.entrySet().stream()
        .map(entry ->
            new AlterConfigOp(
                new ConfigEntry(entry.getKey(), entry.getValue()), AlterConfigOp.OpType.SET))
        .toList();
  }
}
