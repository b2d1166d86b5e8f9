@NullMarked
package dev.millrace.workers;

import org.jspecify.annotations.NullMarked;
