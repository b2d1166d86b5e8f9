/// The history of requests and jobs in PostgreSQL: a read model that can be rebuilt from the
/// topics.
///
/// Open [HistoryFeed] first: it follows the topics and has [PostgresHistoryWriter] apply what they
/// say. [PostgresHistory] answers questions.
@NullMarked
package dev.millrace.publisher.history;

import org.jspecify.annotations.NullMarked;
