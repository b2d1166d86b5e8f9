package dev.millrace.publisher.explain;

import dev.millrace.contracts.Source;
import dev.millrace.contracts.Status;
import dev.millrace.contracts.Tier;
import dev.millrace.publisher.history.JobRow;
import org.jspecify.annotations.Nullable;

/// The request to be explained, as it stands.
///
/// @param organizationId empty for a caller without one
/// @param source null unless completed
public record Subject(
    String organizationId,
    String requestId,
    String requestHash,
    Status status,
    @Nullable Source source,
    @Nullable String type,
    @Nullable Tier tier,
    @Nullable String jobId,
    @Nullable JobRow job) {}
