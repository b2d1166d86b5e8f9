package dev.millrace.workers.handlers;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CancellationException;

/// What a handler is given for one run.
public interface JobContext {

  /// Exactly what was hashed: canonical, with every default filled in. The handler's own copy.
  ObjectNode params();

  /// Where the run says how far it is. May be called as often as is convenient, by any thread.
  ProgressSink progress();

  /// Whether the run was told to stop. Ask between steps that an interrupt does not reach.
  boolean cancelled();

  /// Ends the handler if it was told to stop.
  ///
  /// @throws CancellationException when the run was told to stop
  default void throwIfCancelled() {
    if (cancelled()) {
      throw new CancellationException("job " + jobId() + " was told to stop");
    }
  }

  /// When the run limit passes.
  Instant deadline();

  /// What is left until then; never negative.
  Duration remaining();

  /// From 1. Attempts that a worker gave back unfinished do not count.
  int attempt();

  String jobId();

  /// The same for every attempt and every worker that runs this job: hand it to whatever is called,
  /// so that an effect is not had twice.
  String idempotencyKey();

  /// A folder of the run's own, made at the first call and deleted after the run.
  Path scratch() throws IOException;
}
