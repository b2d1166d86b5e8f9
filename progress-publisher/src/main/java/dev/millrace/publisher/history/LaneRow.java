package dev.millrace.publisher.history;

import dev.millrace.contracts.Tier;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What waits and runs in one lane.
///
/// @param oldest since when the oldest queued job waits
public record LaneRow(
    Tier tier, long queued, long running, long retrying, @Nullable Instant oldest) {}
