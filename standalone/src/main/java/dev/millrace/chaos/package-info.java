/// The product under faults: its services as processes of their own, killed, paused, cut off and
/// fed nonsense by a seeded schedule, and judged by the topics afterwards. Open
/// [dev.millrace.chaos.ChaosRun] first.
@NullMarked
package dev.millrace.chaos;

import org.jspecify.annotations.NullMarked;
