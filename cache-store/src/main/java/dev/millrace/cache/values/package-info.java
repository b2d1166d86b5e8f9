/// The key/value cache for callers, apart from the answers to requests.
///
/// Open [ValueRules] first: what each command does, as plain Java; [Values] is the shell around it.
@NullMarked
package dev.millrace.cache.values;

import org.jspecify.annotations.NullMarked;
