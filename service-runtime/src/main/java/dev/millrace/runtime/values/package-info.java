/// The commands of the key/value cache as anybody may send them, checked by intake and, before
/// anything is produced, by the HTTP door.
///
/// Open [ValueCommandReader] first.
@NullMarked
package dev.millrace.runtime.values;

import org.jspecify.annotations.NullMarked;
