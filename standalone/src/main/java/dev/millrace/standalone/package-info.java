/// All of Millrace in one JVM: the broker and the database that the services need, embedded, with
/// their data kept in a folder.
///
/// Open [dev.millrace.standalone.EmbeddedKafka] first.
@NullMarked
package dev.millrace.standalone;

import org.jspecify.annotations.NullMarked;
