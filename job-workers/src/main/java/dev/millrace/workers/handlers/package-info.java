/// What answers the jobs: the interface a handler implements, and the handlers that come with
/// Millrace.
///
/// Open `JobHandler` first: it is all that somebody who adds a job type needs.
@NullMarked
package dev.millrace.workers.handlers;

import org.jspecify.annotations.NullMarked;
