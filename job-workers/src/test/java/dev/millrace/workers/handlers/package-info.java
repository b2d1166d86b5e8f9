@NullMarked
package dev.millrace.workers.handlers;

import org.jspecify.annotations.NullMarked;
