package dev.millrace.runtime.reads;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.contracts.JobId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// An answer that may be given now.
///
/// @param result to be written; only when it came from another process can it be looked into
/// @param runMs compute time that went into it
/// @param completedAt when it was computed
/// @param validMs how much longer it may be given; null: until somebody says otherwise
/// @param at the ledger's time
@JsonInclude(JsonInclude.Include.NON_NULL)
public record KnownAnswer(
    JobId jobId,
    long epoch,
    long generation,
    @Nullable JsonNode result,
    @Nullable String resultRef,
    @Nullable Long resultBytes,
    @Nullable String resultSha256,
    long runMs,
    Instant completedAt,
    @Nullable Long validMs,
    Instant at) {}
