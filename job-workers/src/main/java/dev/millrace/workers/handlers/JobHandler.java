package dev.millrace.workers.handlers;

import java.util.Map;

/// Answers the jobs of one type. To add one, implement this with a public constructor without
/// parameters, name the class in `META-INF/services/dev.millrace.workers.handlers.JobHandler`, and
/// put the type's definition into `types/<type>.json` of the same jar.
///
/// ```java
/// public final class WordCountHandler implements JobHandler {
///   public String type() {
///     return "word-count";
///   }
///
///   public JobResult handle(JobContext job) {
///     var words = job.params().path("text").asText().split("\\s+");
///     return JobResult.of(JsonNodeFactory.instance.objectNode().put("words", words.length));
///   }
/// }
/// ```
///
/// One instance serves all slots at once. A handler may be run again for the same job: after a
/// failure, and after a worker was lost in the middle. What it does to the world outside should
/// therefore carry [JobContext#idempotencyKey].
///
/// A handler is stopped by an interrupt and by [JobContext#cancelled]: when its run limit has
/// passed, when nobody wants the answer any more, when the worker drains. Whatever it returns after
/// that is thrown away. One that does not stop is abandoned after a grace time: its slot goes to
/// another job, its thread is left behind.
public interface JobHandler {

  /// The type it answers, as requests spell it: `[a-z0-9-]{1,64}`.
  String type();

  /// Whether it spends its time waiting for somebody else. It is then run on a virtual thread;
  /// otherwise on a platform thread, so that computing keeps nobody else from running.
  default boolean waits() {
    return false;
  }

  /// Called once, before the first job, with all settings of the worker by their keys.
  default void configure(Map<String, ?> settings) {}

  /// Answers one job.
  ///
  /// @throws JobFailure when the handler knows how it failed, and whether trying again can help
  /// @throws Exception anything else counts as `HANDLER_FAILED`, to be tried again
  JobResult handle(JobContext context) throws Exception;
}
