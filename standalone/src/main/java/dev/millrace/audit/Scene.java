package dev.millrace.audit;

import dev.millrace.contracts.Topics;
import dev.millrace.runtime.request.RequestHasher;
import dev.millrace.runtime.request.TypeDefinitions;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What an audit must know beside the records.
///
/// @param partitions of the topics keyed by request hash
/// @param topicIds names of topics by Kafka's own id, as origins have it
/// @param cut topics whose first records retention has deleted
/// @param hasher knows the organizations' keys, as far as they are known here
/// @param notedAt when the ends of all topics were noted; nothing later is read
/// @param drainedWithin a request older than this must have ended; null: one whose job is in flight
///   may wait
public record Scene(
    Topics topics,
    int partitions,
    Map<String, String> topicIds,
    Set<String> cut,
    TypeDefinitions types,
    RequestHasher hasher,
    Instant notedAt,
    @Nullable Duration drainedWithin) {

  public Scene {
    topicIds = Map.copyOf(topicIds);
    cut = Set.copyOf(cut);
  }
}
