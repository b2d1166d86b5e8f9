/// Whether a record may come in: the rules, free of Kafka Streams.
///
/// Open [Admission] first. Everything here is a function of the record and the type definitions
/// alone, so that a replay decides the same.
@NullMarked
package dev.millrace.intake.admission;

import org.jspecify.annotations.NullMarked;
