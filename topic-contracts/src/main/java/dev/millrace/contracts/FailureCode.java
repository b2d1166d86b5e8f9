package dev.millrace.contracts;

/// The failure codes the pipeline itself gives. A handler may add codes of its own.
public enum FailureCode {
  /// The run limit of the type passed.
  TIMED_OUT,
  /// The handler threw something it did not type.
  HANDLER_FAILED,
  /// The organization asked faster than its limit.
  RATE_LIMITED,
  /// The result is not a JSON value the type allows.
  INVALID_RESULT,
  /// A result or record is over its limit.
  TOO_LARGE,
  /// The lease of the run ended without an outcome.
  WORKER_LOST,
  /// The request asked for a cached answer only, and there is none.
  NOT_CACHED,
  /// As many already wait for this answer as may.
  TOO_MANY_WAITERS,
  /// No worker knows the type.
  UNKNOWN_TYPE,
  /// The handler was told to stop.
  CANCELLED
}
