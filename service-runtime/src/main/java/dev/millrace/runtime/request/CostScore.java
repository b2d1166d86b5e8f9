package dev.millrace.runtime.request;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;

/// How dear an answer is to compute, from 0 to 100.
///
/// @param base the score before params count
/// @param per for each named param what one unit of its value, or one element of it, adds
public record CostScore(double base, Map<String, Double> per) {

  private static final int DEAREST = 100;

  public CostScore {
    per = Map.copyOf(per);
  }

  /// The score of one request.
  public int of(JsonNode params) {
    double score = base;
    for (var weight : per.entrySet()) {
      JsonNode param = params.path(weight.getKey());
      double amount = param.isArray() ? param.size() : param.asDouble();
      score += weight.getValue() * Math.max(0, amount);
    }
    return (int) Math.min(DEAREST, Math.round(score));
  }
}
