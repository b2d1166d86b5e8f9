/// How results lie in the ledger's stores: compressed, with a dictionary of their type where there
/// is one.
@NullMarked
package dev.millrace.cache.codec;

import org.jspecify.annotations.NullMarked;
