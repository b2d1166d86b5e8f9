package dev.millrace.workers.handlers;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/// The answer to a job.
///
/// @param result any JSON value but null; numbers must be finite
/// @param confidence 0–1, where the handler knows one: a low one may keep the answer out of the
///   cache
/// @param cost what the run used up besides time, in the handler's own unit, such as tokens; adds
///   up in the metric `jobs.cost`
public record JobResult(JsonNode result, @Nullable Double confidence, @Nullable Double cost) {

  public static JobResult of(JsonNode result) {
    return new JobResult(result, null, null);
  }
}
