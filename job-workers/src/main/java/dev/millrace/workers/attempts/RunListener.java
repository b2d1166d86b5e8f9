package dev.millrace.workers.attempts;

import dev.millrace.contracts.DeclineReason;
import dev.millrace.contracts.Job;
import dev.millrace.contracts.Outcome;

/// Hears what happens to runs, for metrics.
public interface RunListener {

  default void started(Job job) {}

  /// A run is over and reported.
  ///
  /// @param outcome as it was reported
  default void ended(Job job, Outcome outcome, long runMs) {}

  /// A dispatch was given back, before or after it was started.
  default void declined(Job job, DeclineReason reason) {}

  /// A handler did not stop when told to; its slot goes to another job, its thread is left behind.
  default void abandoned(Job job) {}

  /// The handler named a cost for its answer.
  default void cost(Job job, double cost) {}
}
