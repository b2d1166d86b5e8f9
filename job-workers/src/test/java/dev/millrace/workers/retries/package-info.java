@NullMarked
package dev.millrace.workers.retries;

import org.jspecify.annotations.NullMarked;
