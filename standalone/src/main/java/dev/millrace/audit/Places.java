package dev.millrace.audit;

import dev.millrace.contracts.Topic;
import dev.millrace.contracts.Topics;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Where a record stands, in 64 bits: topic, partition, offset.
final class Places {

  /// No record: time was the cause, or a topic that is not ours.
  static final long NOWHERE = -1;

  private static final int OFFSET_BITS = 40;
  private static final int PARTITION_BITS = 16;

  private final List<String> names;
  private final Map<String, Integer> numbers = new HashMap<>();

  Places(Topics topics) {
    names = topics.all().stream().map(Topic::name).toList();
    for (int i = 0; i < names.size(); i++) {
      numbers.put(names.get(i), i);
    }
  }

  long of(String topic, int partition, long offset) {
    var number = numbers.get(topic);
    return number == null
        ? NOWHERE
        : ((((long) number << PARTITION_BITS) | partition) << OFFSET_BITS) | offset;
  }

  /// The place written `<topic>-<partition>-<offset>`; [#NOWHERE] when it is none.
  long parse(String text) {
    int last = text.lastIndexOf('-');
    int middle = last > 0 ? text.lastIndexOf('-', last - 1) : -1;
    if (middle <= 0) {
      return NOWHERE;
    }
    try {
      return of(
          text.substring(0, middle),
          Integer.parseInt(text, middle + 1, last, 10),
          Long.parseLong(text, last + 1, text.length(), 10));
    } catch (NumberFormatException _) {
      return NOWHERE;
    }
  }

  /// Its topic and partition, without the offset.
  static long partition(long place) {
    return place >>> OFFSET_BITS;
  }

  String text(long place) {
    if (place == NOWHERE) {
      return "-";
    }
    return names.get((int) (place >>> (OFFSET_BITS + PARTITION_BITS)))
        + "-"
        + ((place >>> OFFSET_BITS) & ((1 << PARTITION_BITS) - 1))
        + "-"
        + (place & ((1L << OFFSET_BITS) - 1));
  }
}
