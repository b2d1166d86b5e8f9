@NullMarked
package dev.millrace.corpus;

import org.jspecify.annotations.NullMarked;
