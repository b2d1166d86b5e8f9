package dev.millrace.publisher.sse;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// How far a listener has seen the completions topic: per partition the next offset. The `id:` of
/// durable events, so that `Last-Event-ID` says where to go on, whatever instance is asked.
public record Positions(Map<Integer, Long> next) {

  private static final Pattern SHAPE =
      Pattern.compile("\\d{1,4}-\\d{1,18}(\\.\\d{1,4}-\\d{1,18})*");
  private static final int LONGEST = 8_192;

  public Positions {
    next = Map.copyOf(next);
  }

  /// `<partition>-<next offset>`, joined by dots.
  public String encode() {
    var text = new StringBuilder();
    new TreeMap<>(next)
        .forEach((partition, offset) ->
            text.append(text.isEmpty() ? "" : ".").append(partition).append('-').append(offset));
    return text.toString();
  }

  /// What [#encode] wrote, or empty when it is something else.
  public static Optional<Positions> decode(String text) {
    if (text.length() > LONGEST || !SHAPE.matcher(text).matches()) {
      return Optional.empty();
    }
    var next = new TreeMap<Integer, Long>();
    for (String part : text.split("\\.", -1)) {
      int dash = part.indexOf('-');
      next.put(
          Integer.parseInt(part, 0, dash, 10), Long.parseLong(part, dash + 1, part.length(), 10));
    }
    return Optional.of(new Positions(next));
  }

  /// Whether the record at `offset` was seen.
  public boolean covers(int partition, long offset) {
    return next.getOrDefault(partition, 0L) > offset;
  }
}
