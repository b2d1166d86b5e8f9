/// Runs the jobs of the lanes: which lane is served next, who takes a job, what a worker tells the
/// ledger about it.
///
/// Open `WorkersService` first, then `Lane`, `WeightedLanes` and `attempts.AttemptRunner`.
@NullMarked
package dev.millrace.workers;

import org.jspecify.annotations.NullMarked;
