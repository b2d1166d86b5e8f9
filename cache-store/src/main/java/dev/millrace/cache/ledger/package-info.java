/// The ledger: per request hash the answer, the job in flight and its waiters.
///
/// Open [LedgerRules] first: what happens on each event, as plain Java. [Ledger] is the shell that
/// reads and writes Kafka's stores around it.
@NullMarked
package dev.millrace.cache.ledger;

import org.jspecify.annotations.NullMarked;
