/// Plays requests, recorded or made up, against eviction policies: what would each have saved?
@NullMarked
package dev.millrace.cache.eviction.replay;

import org.jspecify.annotations.NullMarked;
