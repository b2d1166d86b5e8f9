/// Hostile input sent to a running product over Kafka and HTTP: files with what must become of
/// them, and seeded noise. Open [dev.millrace.corpus.CorpusRun] first.
@NullMarked
package dev.millrace.corpus;

import org.jspecify.annotations.NullMarked;
