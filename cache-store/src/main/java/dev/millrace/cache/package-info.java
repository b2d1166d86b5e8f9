/// Knows answers: hit, join or dispatch.
///
/// Open [CacheTopology] first, then [dev.millrace.cache.ledger.LedgerRules].
@NullMarked
package dev.millrace.cache;

import org.jspecify.annotations.NullMarked;
