package dev.millrace.cache.values;

/// Why a value is no longer kept.
enum RemovalCause {
  /// Somebody deleted it, by its key or by a prefix.
  EXPLICIT,
  /// Another value was set under its key.
  REPLACED,
  /// Its time passed.
  EXPIRED,
  /// It was pushed out to make room.
  SIZE
}
