/// Monte-Carlo trajectories of a marketing campaign: plain Java, no Kafka, no clock, no threads of
/// its own unless asked.
///
/// Open `SimulationEngine` first, then `PathBlock`, which holds the recursion.
@NullMarked
package dev.millrace.workers.simulation;

import org.jspecify.annotations.NullMarked;
