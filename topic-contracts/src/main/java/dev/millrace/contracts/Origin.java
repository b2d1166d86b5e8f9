package dev.millrace.contracts;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/// Where a record stands: `<topic id>-<partition>-<offset>`. The topic id is Kafka's own, so that a
/// topic made anew under an old name is another origin.
public record Origin(String topicId, int partition, long offset) {

  /// Parses what [#toString] writes. A topic id may itself hold hyphens.
  ///
  /// @throws IllegalArgumentException when the text has another shape
  @JsonCreator
  public static Origin parse(String text) {
    int last = text.lastIndexOf('-');
    int middle = last > 0 ? text.lastIndexOf('-', last - 1) : -1;
    if (middle <= 0) {
      throw new IllegalArgumentException("an origin is <topic id>-<partition>-<offset>: " + text);
    }
    return new Origin(
        text.substring(0, middle),
        Integer.parseInt(text, middle + 1, last, 10),
        Long.parseLong(text, last + 1, text.length(), 10));
  }

  @JsonValue
  @Override
  public String toString() {
    return topicId + "-" + partition + "-" + offset;
  }
}
