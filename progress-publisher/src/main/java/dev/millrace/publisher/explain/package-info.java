/// Why a request was answered as it was.
///
/// Open [Explained], then [Explainer], which collects what it is made of.
@NullMarked
package dev.millrace.publisher.explain;

import org.jspecify.annotations.NullMarked;
