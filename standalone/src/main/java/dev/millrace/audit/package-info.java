/// Proves the guarantees from the topics alone: reads every record, follows the ledger's decisions
/// in their order, and compares what happened with what was promised. It asks no service anything.
///
/// Open [Audit] first, then [Invariant] for what is judged, then [Replay] for how.
@NullMarked
package dev.millrace.audit;

import org.jspecify.annotations.NullMarked;
