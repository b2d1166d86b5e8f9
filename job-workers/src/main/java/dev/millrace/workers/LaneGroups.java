package dev.millrace.workers;

import dev.millrace.contracts.Tier;
import dev.millrace.contracts.Topics;
import dev.millrace.runtime.KafkaClients;
import dev.millrace.runtime.TopicAdmin;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigResource;

/// The share groups of the lanes as the broker must keep them: it reads these settings from the
/// group, not from its members, and by itself would start at the latest record, hand out records of
/// aborted transactions, and drop a record after five deliveries.
final class LaneGroups {

  /// A record is accepted within a second or two of being fetched; whoever takes longer hangs.
  private static final Map<String, String> CONFIG =
      Map.of(
          "share.auto.offset.reset", "earliest",
          "share.isolation.level", "read_committed",
          "share.delivery.count.limit", "10",
          "share.record.lock.duration.ms", "15000");

  private LaneGroups() {}

  static void configure(KafkaClients clients, Topics topics) {
    Map<ConfigResource, Collection<AlterConfigOp>> changes =
        Arrays.stream(Tier.values())
            .collect(
                Collectors.toMap(
                    tier ->
                        new ConfigResource(
                            ConfigResource.Type.GROUP, TopicAdmin.laneGroup(topics, tier)),
                    _ -> operations()));
    try (var admin = clients.admin()) {
      var _ = admin.incrementalAlterConfigs(changes).all().get(30, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
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

  private static Collection<AlterConfigOp> operations() {
    return CONFIG.entrySet().stream()
        .map(entry ->
            new AlterConfigOp(
                new ConfigEntry(entry.getKey(), entry.getValue()), AlterConfigOp.OpType.SET))
        .toList();
  }
}
