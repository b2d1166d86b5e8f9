/// How the door asks the ledgers what they know: the one place where this service asks another.
///
/// Open [Lookup], then [RemoteLedgers].
@NullMarked
package dev.millrace.publisher.reads;

import org.jspecify.annotations.NullMarked;
