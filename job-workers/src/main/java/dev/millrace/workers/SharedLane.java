package dev.millrace.workers;

import dev.millrace.runtime.KafkaClients;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A lane as a member of its share group. One thread uses it; only [#wakeup] is for others.
final class SharedLane implements LaneRecords {

  private static final Logger LOG = LoggerFactory.getLogger(SharedLane.class);
  private static final Duration COMMIT = Duration.ofSeconds(5);
  private static final Duration CLOSE = Duration.ofSeconds(2);

  private final ShareConsumer<byte[], byte[]> consumer;

  private SharedLane(ShareConsumer<byte[], byte[]> consumer) {
    this.consumer = consumer;
  }

  /// Joins the share group of a lane.
  static SharedLane join(KafkaClients clients, LaneSource lane) {
    // the thread may wait for a slot as long as a run takes, and stays a member all the while
    var consumer =
        clients.shareConsumer(
            lane.group(),
            "millrace-workers-" + lane.name(),
            Map.of(
                ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                lane.records(),
                ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG,
                Integer.MAX_VALUE));
    consumer.subscribe(List.of(lane.topic().name()));
    return new SharedLane(consumer);
  }

  @Override
  public List<ConsumerRecord<byte[], byte[]>> poll(Duration most) {
    try {
      var records = new ArrayList<ConsumerRecord<byte[], byte[]>>();
      consumer.poll(most).forEach(records::add);
      return records;
    } catch (WakeupException e) {
      return List.of();
    }
  }

  @Override
  public void accept(ConsumerRecord<byte[], byte[]> record) {
    consumer.acknowledge(record, AcknowledgeType.ACCEPT);
    commit()
        .forEach((partition, failure) ->
            // it comes again, and the ledger knows its epoch
            failure.ifPresent(e -> LOG.info("not accepted, comes again {}: {}", partition, e)));
  }

  private Map<TopicIdPartition, Optional<KafkaException>> commit() {
    try {
      return consumer.commitSync(COMMIT);
    } catch (WakeupException e) {
      // meant for a poll
      return consumer.commitSync(COMMIT);
    }
  }

  @Override
  public void wakeup() {
    consumer.wakeup();
  }

  @Override
  public void close() {
    consumer.close(CLOSE);
  }
}
