/// What happens now, for whoever listens: waits and server-sent events.
///
/// Open [LiveEvents] first. [LiveReader] feeds it from the ends of the topics, on every instance
/// and without a group; [EventStream] is one listener's connection, and a slow one never slows
/// another.
@NullMarked
package dev.millrace.publisher.sse;

import org.jspecify.annotations.NullMarked;
