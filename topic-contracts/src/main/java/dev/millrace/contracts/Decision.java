package dev.millrace.contracts;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// One thing the ledger decided.
///
/// @param requestId of the request it is about; null when it is about a job or an answer
/// @param requestHash null on INVALIDATED, which is about a whole partition
/// @param epoch of the dispatch it is about
/// @param reason one short sentence or code
/// @param sequence counts per ledger partition, without gaps
/// @param cause `<topic>-<partition>-<offset>` of the record that led to it, or
///   `clock-<partition>-<sequence>` when time did
/// @param generation the partition's count of invalidations when it was decided
/// @param expiresAt of the answer, on STORED and HIT
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Decision(
    DecisionKind decision,
    @Nullable String requestId,
    @Nullable String organizationId,
    @Nullable RequestHash requestHash,
    @Nullable JobId jobId,
    @Nullable Long epoch,
    @Nullable String runId,
    @Nullable String type,
    @Nullable Tier tier,
    @Nullable Integer attempt,
    @Nullable String reason,
    @Nullable Long generation,
    @Nullable Instant expiresAt,
    @Nullable Instant notBefore,
    int partition,
    long sequence,
    String cause,
    Instant at) {}
