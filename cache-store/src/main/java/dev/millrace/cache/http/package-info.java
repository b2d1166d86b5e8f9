/// The read port: what the ledgers of this process know, for publishers elsewhere.
///
/// Open [ReadPort].
@NullMarked
package dev.millrace.cache.http;

import org.jspecify.annotations.NullMarked;
