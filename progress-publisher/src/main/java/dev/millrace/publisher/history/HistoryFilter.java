package dev.millrace.publisher.history;

import dev.millrace.contracts.Status;
import dev.millrace.contracts.Tier;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Which requests a list is about. Null leaves a field open.
///
/// @param text found in ids, hash, organization, user, tags or the error's message
/// @param from the earliest time a request was first seen, inclusive
/// @param to the latest, exclusive
/// @param oldestFirst else the newest first
public record HistoryFilter(
    @Nullable Status status,
    @Nullable String type,
    @Nullable Tier tier,
    @Nullable String organizationId,
    @Nullable String tag,
    @Nullable String text,
    @Nullable Instant from,
    @Nullable Instant to,
    boolean oldestFirst) {

  public static final HistoryFilter ALL =
      new HistoryFilter(null, null, null, null, null, null, null, null, false);
}
