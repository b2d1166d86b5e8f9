package dev.millrace.audit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.contracts.HeaderNames;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.Topics;
import dev.millrace.runtime.request.RequestHasher;
import dev.millrace.runtime.request.TypeDefinitions;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;

/// Records made by hand, in the order in which they were written, and what can be done to them.
/// Decisions are numbered when the history is judged, so that taking one out leaves no gap.
final class History {

  static final int PARTITIONS = 4;
  static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00.000Z");
  static final Topics TOPICS = new Topics(Topics.DEFAULT_PREFIX);
  static final TypeDefinitions TYPES = TypeDefinitions.load(History.class.getClassLoader(), null);

  private final List<Line> lines = new ArrayList<>();
  private final Map<String, Long> offsets = new HashMap<>();
  private boolean numbered = true;
  private Instant notedAt = BEGIN.plus(Duration.ofHours(1));
  private Set<String> cut = Set.of();
  private RequestHasher hasher = RequestHasher.KEYLESS;
  private @Nullable Duration drainedWithin;

  /// One record.
  static final class Line {
    final String topic;
    int partition;
    final long offset;
    @Nullable String key;
    JsonNode value;
    final Headers headers = new RecordHeaders();

    Line(String topic, int partition, long offset, @Nullable String key, JsonNode value) {
      this.topic = topic;
      this.partition = partition;
      this.offset = offset;
      this.key = key;
      this.value = value;
    }

    boolean is(String shortTopic, Map<String, Object> fields) {
      return topic.equals("millrace." + shortTopic)
          && fields.entrySet().stream()
              .allMatch(field ->
                  value.path(field.getKey()).asText().equals(String.valueOf(field.getValue())));
    }

    ObjectNode object() {
      return (ObjectNode) value;
    }
  }

  /// Appends a record and returns its place.
  String add(String topic, int partition, @Nullable String key, Object value) {
    var name = "millrace." + topic;
    long offset = offsets.merge(name + partition, 1L, Long::sum) - 1;
    lines.add(new Line(name, partition, offset, key, Json.MAPPER.valueToTree(value)));
    return name + "-" + partition + "-" + offset;
  }

  /// Says that the record at a place was put aside.
  void putAside(String place) {
    int last = place.lastIndexOf('-');
    int middle = place.lastIndexOf('-', last - 1);
    var _ = add("requests.rejected", 0, null, Map.of());
    var headers = lines.getLast().headers;
    HeaderNames.put(headers, HeaderNames.ERROR_TOPIC, place.substring(0, middle));
    HeaderNames.put(headers, HeaderNames.ERROR_PARTITION, place.substring(middle + 1, last));
    HeaderNames.put(headers, HeaderNames.ERROR_OFFSET, place.substring(last + 1));
  }

  /// A partition answers a command.
  void receipt(String commandId, int partition, boolean ok) {
    var receipt =
        Json.MAPPER
            .createObjectNode()
            .put("commandId", commandId)
            .put("partition", partition)
            .put("partitions", PARTITIONS)
            .put("ok", ok)
            .put("found", 0)
            .put("at", Json.time(BEGIN));
    var _ = add("receipts", 0, commandId, receipt);
  }

  Line lastAdded() {
    return lines.getLast();
  }

  Line find(String topic, Map<String, Object> fields) {
    return all(topic, fields).getFirst();
  }

  List<Line> all(String topic, Map<String, Object> fields) {
    var found = lines.stream().filter(line -> line.is(topic, fields)).toList();
    if (found.isEmpty()) {
      throw new AssertionError("nothing on " + topic + " with " + fields);
    }
    return found;
  }

  void remove(Line line) {
    lines.removeIf(Predicate.isEqual(line));
  }

  /// The same once more, right behind it.
  void twice(Line line, Consumer<ObjectNode> change) {
    long offset = offsets.merge(line.topic + line.partition, 1L, Long::sum) - 1;
    var copy = new Line(line.topic, line.partition, offset, line.key, line.value.deepCopy());
    line.headers.forEach(copy.headers::add);
    change.accept(copy.object());
    lines.add(lines.indexOf(line) + 1, copy);
  }

  void moveBefore(Line line, Line other) {
    lines.remove(line);
    lines.add(lines.indexOf(other), line);
  }

  /// Everything from this record on has not happened yet.
  void cutOff(Line line) {
    lines.subList(lines.indexOf(line), lines.size()).clear();
  }

  void deleteBeginningOf(String topic) {
    cut = Set.of("millrace." + topic);
  }

  /// The audit takes place at this time after the beginning.
  void notedAfter(Duration time) {
    notedAt = BEGIN.plus(time);
  }

  /// The audit knows the keys of this hasher.
  void judgedWith(RequestHasher known) {
    hasher = known;
  }

  void drainedWithin(Duration time) {
    drainedWithin = time;
  }

  /// Leaves the numbers of decisions as they are now.
  void number() {
    var next = new HashMap<Integer, Long>();
    for (var line : lines) {
      if (line.topic.equals(TOPICS.decisions().name())) {
        int ledger = line.value.path("partition").asInt();
        line.object().put("sequence", next.merge(ledger, 1L, Long::sum));
      }
    }
    numbered = false;
  }

  Report judge() {
    if (numbered) {
      number();
    }
    var ids = new HashMap<String, String>();
    TOPICS.all().forEach(topic -> ids.put(id(topic.name()), topic.name()));
    var audit =
        new Audit(new Scene(TOPICS, PARTITIONS, ids, cut, TYPES, hasher, notedAt, drainedWithin));
    for (var phase : Audit.phases(TOPICS)) {
      lines.stream()
          .filter(line -> phase.contains(line.topic))
          .forEach(line -> audit.take(record(line)));
      audit.phaseTaken(phase);
    }
    return audit.judge();
  }

  /// Kafka's own id of a topic, here.
  static String id(String topic) {
    return "id-of-" + topic;
  }

  private static ConsumerRecord<byte[], byte[]> record(Line line) {
    var key = line.key == null ? null : line.key.getBytes(StandardCharsets.UTF_8);
    var value = line.value.toString().getBytes(StandardCharsets.UTF_8);
    return new ConsumerRecord<>(
        line.topic,
        line.partition,
        line.offset,
        BEGIN.toEpochMilli(),
        TimestampType.LOG_APPEND_TIME,
        key == null ? -1 : key.length,
        value.length,
        key,
        value,
        line.headers,
        java.util.Optional.empty());
  }
}
