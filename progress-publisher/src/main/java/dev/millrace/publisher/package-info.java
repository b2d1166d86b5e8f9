/// Tells people: history, live events, and the HTTP door.
///
/// Open [PublisherService] first: it wires everything in one screen.
@NullMarked
package dev.millrace.publisher;

import org.jspecify.annotations.NullMarked;
