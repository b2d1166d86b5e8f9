/// A client for the key/value cache, over HTTP.
///
/// Open [Values] first. It needs nothing but the JDK, Jackson and the messages.
@NullMarked
package dev.millrace.client;

import org.jspecify.annotations.NullMarked;
