@NullMarked
package dev.millrace.audit;

import org.jspecify.annotations.NullMarked;
