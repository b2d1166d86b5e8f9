/// What happens to a job between its lane and its outcome: started, heartbeats, handler, limits,
/// stop, progress, outcome.
///
/// Open `AttemptRunner` first, then `Run`, which says who may end a run and when.
@NullMarked
package dev.millrace.workers.attempts;

import org.jspecify.annotations.NullMarked;
