package dev.millrace.workers;

import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/// The records of a lane, as a share group hands them out: each is held until it is accepted.
interface LaneRecords extends AutoCloseable {

  /// A few records, or none. Only when none is held.
  List<ConsumerRecord<byte[], byte[]>> poll(Duration most);

  /// The record is dealt with and never comes again.
  void accept(ConsumerRecord<byte[], byte[]> record);

  /// Ends a poll that is under way. From any thread.
  void wakeup();

  /// Whatever is still held goes to somebody else.
  @Override
  void close();
}
