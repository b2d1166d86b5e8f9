/// The command line: one class per command, `Main` first.
///
/// Data goes to stdout, everything else to stderr; the exit code tells scripts how it went.
@NullMarked
package dev.millrace.cli;

import org.jspecify.annotations.NullMarked;
