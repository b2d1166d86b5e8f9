package dev.millrace.client;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A value that was found.
///
/// @param expiresAt until when it is kept; null: until it is deleted
public record Kept<V>(V value, @Nullable Instant expiresAt) {}
