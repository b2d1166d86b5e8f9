package dev.millrace.cache.eviction.replay;

import dev.millrace.contracts.RequestHash;

/// Somebody asked for an answer.
///
/// @param bytes of the answer
/// @param costMs what computing it takes
public record Access(RequestHash hash, long bytes, long costMs) {}
