package dev.millrace.workers.attempts;

import java.nio.file.Path;
import java.time.Duration;

/// The numbers of [AttemptRunner].
///
/// @param heartbeat time between two heartbeats of a run
/// @param effectSilence an effect stops itself when the broker has acknowledged no heartbeat for
///   this long; shorter than a lease
/// @param progressInterval shortest time between two progress records of a run
/// @param grace how long a handler may take to stop before it is abandoned
/// @param largestResultBytes a larger answer fails as TOO_LARGE
/// @param scratch where the folders of runs are made
public record AttemptLimits(
    Duration heartbeat,
    Duration effectSilence,
    Duration progressInterval,
    Duration grace,
    long largestResultBytes,
    Path scratch) {}
