package dev.millrace.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.contracts.Json;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// One measured thing.
///
/// @param via `topics` or `http`
/// @param figures by name, in order; `ratio` is what two runs are compared by: how many times worse
///   than what the row is measured against
public record Row(String name, String via, Map<String, Number> figures) {

  static final String RATIO = "ratio";

  public Row {
    figures = Collections.unmodifiableMap(new LinkedHashMap<>(figures));
  }

  static Row of(String name, String via) {
    return new Row(name, via, Map.of());
  }

  Row with(String figure, long value) {
    return and(figure, value);
  }

  /// Three significant digits: more would be noise.
  Row with(String figure, double value) {
    return and(figure, new BigDecimal(value).round(new MathContext(3)).doubleValue());
  }

  /// What one of `requests` cost all of us together, and how busy others kept the machine.
  Row with(Machine.Usage usage, long requests) {
    return with("cpuMsPerRequest", 1e3 * usage.cpuSeconds() / requests)
        .with("foreign", usage.foreign());
  }

  private Row and(String figure, Number value) {
    var more = new LinkedHashMap<>(figures);
    more.put(figure, value);
    return new Row(name, via, more);
  }

  /// One line of JSON.
  public ObjectNode json() {
    var json = Json.MAPPER.createObjectNode().put("name", name).put("via", via);
    figures.forEach((figure, value) -> json.set(figure, Json.MAPPER.valueToTree(value)));
    return json;
  }
}
