package dev.millrace.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.millrace.contracts.Json;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// An earlier run, to compare with: by ratios, because times are the machine's.
public final class Comparison {

  /// What two runs of the same code on a quiet machine do not differ by.
  private static final double WORSE = 1.25;

  private final Map<String, Double> before = new HashMap<>();

  /// A row that is clearly worse than it was.
  ///
  /// @param ratio how many times the raw hop, or the floor, it takes now
  public record Regression(String name, String via, double before, double ratio) {}

  /// Reads what `--json` printed.
  ///
  /// @throws IllegalArgumentException when a line is not a row
  public static Comparison with(List<String> lines) {
    var comparison = new Comparison();
    for (var line : lines) {
      try {
        var row = Json.MAPPER.readTree(line);
        if (!row.path("name").isTextual() || !row.path("via").isTextual()) {
          throw new IllegalArgumentException("not a row of bench --json: " + line);
        }
        if (row.path(Row.RATIO).isNumber()) {
          comparison.before.put(
              row.path("name").asText() + " " + row.path("via").asText(),
              row.path(Row.RATIO).doubleValue());
        }
      } catch (JsonProcessingException e) {
        throw new IllegalArgumentException("not a row of bench --json: " + line, e);
      }
    }
    return comparison;
  }

  /// The rows that are clearly worse than they were.
  public List<Regression> regressions(List<Row> rows) {
    return rows.stream()
        .filter(row -> ratio(row) > WORSE * before(row))
        .map(row -> new Regression(row.name(), row.via(), before(row), ratio(row)))
        .toList();
  }

  private double before(Row row) {
    return before.getOrDefault(row.name() + " " + row.via(), Double.MAX_VALUE);
  }

  private static double ratio(Row row) {
    return row.figures().getOrDefault(Row.RATIO, 0).doubleValue();
  }
}
