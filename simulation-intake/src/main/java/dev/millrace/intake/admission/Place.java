package dev.millrace.intake.admission;

import dev.millrace.contracts.Origin;

/// Where a record stands.
///
/// @param topicId Kafka's own id of the topic
public record Place(String topic, String topicId, int partition, long offset) {

  public Origin origin() {
    return new Origin(topicId, partition, offset);
  }

  /// The place as people find it, and the id of a request that has none of its own.
  public String name() {
    return topic + "-" + partition + "-" + offset;
  }
}
