/// Brings jobs back from the retry topics when their backoff is over.
///
/// Open `RetryRelay` first; `Backlog` holds what is not due yet.
@NullMarked
package dev.millrace.workers.retries;

import org.jspecify.annotations.NullMarked;
