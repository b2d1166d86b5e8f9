@NullMarked
package dev.millrace.workers.attempts;

import org.jspecify.annotations.NullMarked;
