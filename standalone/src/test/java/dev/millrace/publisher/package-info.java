/// The publisher against a real broker and a real database.
@NullMarked
package dev.millrace.publisher;

import org.jspecify.annotations.NullMarked;
