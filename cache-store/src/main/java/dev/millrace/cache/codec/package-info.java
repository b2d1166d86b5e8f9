/// How results lie in the ledger's stores: compressed, with a dictionary of their type where there
/// is one, and encrypted where there is a key. Open [ResultCodec] first.
@NullMarked
package dev.millrace.cache.codec;

import org.jspecify.annotations.NullMarked;
