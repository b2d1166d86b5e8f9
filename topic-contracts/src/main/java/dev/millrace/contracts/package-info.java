/// What travels on which topic: the records, ids and headers anybody looking at the cluster can
/// meet.
///
/// Open [Topics] first: it is the catalogue of every topic, its key, its value and who writes it.
@NullMarked
package dev.millrace.contracts;

import org.jspecify.annotations.NullMarked;
