package dev.millrace.cache.values;

/// The counters of one partition's values.
///
/// @param generation prefixes deleted so far
/// @param entries rows now, also of values whose time has passed
/// @param clock the latest time the partition has seen, ms
record Tally(long generation, long entries, long clock) {

  static final Tally ZERO = new Tally(0, 0, 0);
}
