/// Looking up what a ledger knows without asking it to decide: the one place where a service asks
/// another, by an interface, in process or over HTTP.
///
/// Open [LedgerReader] first.
@NullMarked
package dev.millrace.runtime.reads;

import org.jspecify.annotations.NullMarked;
