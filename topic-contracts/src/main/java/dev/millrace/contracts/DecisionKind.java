package dev.millrace.contracts;

/// What the ledger decided. Spelled on topics exactly as here.
public enum DecisionKind {
  /// Answered from the cache.
  HIT,
  /// Became a waiter of a job in flight.
  JOINED,
  /// A new job went to its lane.
  DISPATCHED,
  /// A queued job went to the lane of a better waiter, under a new epoch.
  PROMOTED,
  /// An epoch is bound to a run.
  STARTED,
  /// A run was told to stop.
  REVOKED,
  /// A failed attempt waits for its backoff.
  RETRIED,
  /// A job went to a lane again under a new epoch: after a backoff, a lost lease or a declined run.
  REDISPATCHED,
  /// A run's result was accepted.
  SUCCEEDED,
  /// A job ended without a result.
  FAILED,
  /// The job of a final failure was written to the dead letters.
  DEAD_LETTERED,
  /// An answer entered the cache.
  STORED,
  /// An answer did not enter the cache; the reason says why.
  NOT_STORED,
  /// An answer's TTL, or a waiter's deadline, passed.
  EXPIRED,
  /// An answer was pushed out to make room.
  EVICTED,
  /// Answers were said to be untrue.
  INVALIDATED,
  /// A waiter left, or a job nobody waits for became void.
  CANCELLED,
  /// A cancel came after the end.
  TOO_LATE,
  /// A request was not taken; the reason says why.
  REFUSED,
  /// The same request came again.
  REPEATED,
  /// An outcome that no longer counts.
  STALE_OUTCOME
}
