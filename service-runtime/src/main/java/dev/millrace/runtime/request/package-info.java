/// From the bytes of a request to a checked, completed, canonical and hashed one, or to a precise
/// rejection.
///
/// Open [RequestReader] first. It decides by the bytes and the type definitions alone, so a replay
/// decides the same; the intake and the HTTP door share it and cannot disagree.
@NullMarked
package dev.millrace.runtime.request;

import org.jspecify.annotations.NullMarked;
