package dev.millrace.workers;

import dev.millrace.workers.attempts.Slot;
import java.util.Optional;

/// How one lane comes by slots: it waits for its turn, fetches a few jobs, takes a slot for each,
/// and lets the next lane in.
interface Turns {

  /// Waits until the lane may fetch work.
  ///
  /// @return false when it may not within `mostNanos`, or never again
  boolean await(long mostNanos) throws InterruptedException;

  /// The lane holds `count` jobs that could start.
  ///
  /// @return how many lent slots are wanted back for what the lanes hold
  int fetched(int count);

  /// Waits until a job that the lane holds may start, and takes a slot for it.
  ///
  /// @return empty when that is not within `mostNanos`, or never again: give the job back
  Optional<Slot> take(long mostNanos) throws InterruptedException;

  /// The turn is over; what the lane still holds does not count any more.
  void over();
}
