package dev.millrace.publisher.sse;

import java.time.Duration;

/// How event streams are kept.
///
/// @param most streams at once
/// @param keepAlive between comments that keep a connection open
/// @param stale after which a stream that takes nothing is closed
public record StreamConfig(int most, Duration keepAlive, Duration stale) {}
