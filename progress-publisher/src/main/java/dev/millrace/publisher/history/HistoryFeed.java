package dev.millrace.publisher.history;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.contracts.HeaderNames;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.RejectionCode;
import dev.millrace.contracts.Tier;
import dev.millrace.contracts.Topic;
import dev.millrace.contracts.Topics;
import dev.millrace.publisher.history.HistoryEvent.Decided;
import dev.millrace.publisher.history.HistoryEvent.Ended;
import dev.millrace.publisher.history.HistoryEvent.Progressed;
import dev.millrace.publisher.history.HistoryEvent.Rejected;
import dev.millrace.publisher.history.HistoryEvent.RequestAdmitted;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;

/// What each record of the topics says to the history.
final class HistoryFeed {

  private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z0-9._:-]{1,128}");
  private static final Pattern TYPE = Pattern.compile("[a-z0-9-]{1,64}");

  private final Map<String, Function<ConsumerRecord<byte[], byte[]>, Optional<HistoryEvent>>>
      readers = new HashMap<>();
  private final Map<String, Tier> requestTopics = new HashMap<>();

  HistoryFeed(Topics topics) {
    for (var tier : Tier.values()) {
      requestTopics.put(topics.requests(tier).name(), tier);
      follow(topics.admitted(tier), (value, at) -> new RequestAdmitted(value, appended(at)));
    }
    follow(topics.decisions(), (value, _) -> new Decided(value));
    follow(topics.progress(), (value, _) -> new Progressed(value));
    follow(topics.completions(), (value, at) -> new Ended(value, at.partition(), at.offset()));
    readers.put(topics.rejected().name(), this::rejected);
  }

  private <V> void follow(
      Topic<V> topic, BiFunction<V, ConsumerRecord<byte[], byte[]>, HistoryEvent> meaning) {
    readers.put(
        topic.name(),
        record -> {
          byte[] value = record.value();
          if (value == null) {
            throw new SerializationException("no value");
          }
          return Optional.of(meaning.apply(topic.serde().read(value), record));
        });
  }

  List<String> topics() {
    return List.copyOf(readers.keySet());
  }

  /// What `record` says, or empty when it says nothing about a request or job.
  ///
  /// @throws SerializationException when it does not decode
  Optional<HistoryEvent> read(ConsumerRecord<byte[], byte[]> record) {
    var reader = readers.get(record.topic());
    if (reader == null) {
      return Optional.empty();
    }
    return reader.apply(record);
  }

  /// The headers that a record carries to the rejected topic when it does not decode.
  static Map<String, String> reasons(
      ConsumerRecord<byte[], byte[]> record, String message, Instant at) {
    return Map.of(
        HeaderNames.ERROR_CODE, RejectionCode.E_RECORD.name(),
        HeaderNames.ERROR_MESSAGE, message,
        HeaderNames.ERROR_TOPIC, record.topic(),
        HeaderNames.ERROR_PARTITION, Integer.toString(record.partition()),
        HeaderNames.ERROR_OFFSET, Long.toString(record.offset()),
        HeaderNames.ERROR_AT, Json.time(at));
  }

  private Optional<HistoryEvent> rejected(ConsumerRecord<byte[], byte[]> record) {
    var headers = record.headers();
    var topic = HeaderNames.text(headers, HeaderNames.ERROR_TOPIC);
    var tier = topic == null ? null : requestTopics.get(topic);
    if (tier == null) {
      return Optional.empty();
    }
    var place =
        String.join(
            "-",
            topic,
            HeaderNames.text(headers, HeaderNames.ERROR_PARTITION),
            HeaderNames.text(headers, HeaderNames.ERROR_OFFSET));
    var request = lenient(record.value());
    var requestId = matching(request.get("requestId"), IDENTIFIER);
    return Optional.of(
        new Rejected(
            place,
            matching(request.get("organizationId"), IDENTIFIER),
            requestId == null ? place : requestId,
            matching(request.get("userId"), IDENTIFIER),
            matching(request.get("type"), TYPE),
            tier,
            HeaderNames.text(headers, HeaderNames.ERROR_CODE),
            HeaderNames.text(headers, HeaderNames.ERROR_MESSAGE),
            HeaderNames.text(headers, HeaderNames.ERROR_FIELD),
            appended(record)));
  }

  /// Whatever can be read of a request that was turned away.
  private static Map<String, JsonNode> lenient(byte @Nullable [] value) {
    if (value == null) {
      return Map.of();
    }
    try {
      JsonNode tree = Json.MAPPER.readTree(new String(value, StandardCharsets.UTF_8));
      var fields = new HashMap<String, JsonNode>();
      if (tree != null) {
        tree.properties().forEach(field -> fields.put(field.getKey(), field.getValue()));
      }
      return fields;
    } catch (IOException _) {
      return Map.of();
    }
  }

  private static @Nullable String matching(@Nullable JsonNode node, Pattern pattern) {
    return node != null && node.isTextual() && pattern.matcher(node.textValue()).matches()
        ? node.textValue()
        : null;
  }

  private static Instant appended(ConsumerRecord<byte[], byte[]> record) {
    return Instant.ofEpochMilli(record.timestamp());
  }
}
