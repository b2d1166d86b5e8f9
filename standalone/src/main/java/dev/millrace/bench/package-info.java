/// How fast the whole is, beside a raw Kafka hop of the same run: absolute times are the machine's,
/// ratios are ours.
@NullMarked
package dev.millrace.bench;

import org.jspecify.annotations.NullMarked;
