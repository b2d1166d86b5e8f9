/// Which answers go when the cache is full. Open [EvictionPolicy] first: a policy is a score, and
/// [EvictionIndex] keeps all candidates in the order of theirs.
@NullMarked
package dev.millrace.cache.eviction;

import org.jspecify.annotations.NullMarked;
