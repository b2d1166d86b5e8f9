package dev.millrace.cache.values;

import dev.millrace.contracts.ValueKey;
import dev.millrace.runtime.request.CachePolicies;
import dev.millrace.runtime.request.Ttl;
import java.time.Duration;

/// What the values must be told from outside.
///
/// @param policies how long a value is kept whose command does not say
/// @param dedupeWindow how long a command is recognised when it comes again
/// @param maxEntries the most values of one partition
public record ValueSettings(
    CachePolicies policies, Duration dedupeWindow, long maxEntries, int partitions) {

  /// The policy of a key: that of its kind, the part before the first colon; else that of its
  /// namespace; else the default.
  Ttl ttl(ValueKey key) {
    int colon = key.key().indexOf(':');
    var kind = colon < 0 ? key.key() : key.key().substring(0, colon);
    return policies.find(kind).orElseGet(() -> policies.ttl(key.namespace()));
  }
}
