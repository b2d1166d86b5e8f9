/// What every service stands on: settings, Kafka clients that lose no record, the topics' own
/// administration, large results, clocks and threads.
///
/// Open [Service] first, then [KafkaClients].
@NullMarked
package dev.millrace.runtime;

import org.jspecify.annotations.NullMarked;
