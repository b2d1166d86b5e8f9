package dev.millrace.publisher.http;

import java.time.Duration;

/// Where the door is and what it lets through.
///
/// @param port 0: any free one
/// @param allowRemote whether it may listen beyond loopback, although it asks nobody who they are
/// @param maxWait the longest `Prefer: wait`
public record HttpConfig(
    String host, int port, boolean allowRemote, int maxBodyBytes, Duration maxWait) {}
