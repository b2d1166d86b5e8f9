/// Results in memory, above the stores they lie in, and whether those in the blob store are there.
/// Open [ResultCache] first: it says why it can never give what the stores would not.
@NullMarked
package dev.millrace.cache.layers;

import org.jspecify.annotations.NullMarked;
