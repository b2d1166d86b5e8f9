package dev.millrace.cache.values;

/// A prefix whose values are deleted.
///
/// @param generation values of an earlier one are gone
record Dropped(String namespace, String prefix, long generation) {}
