package dev.millrace.contracts;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// The one end of a request.
///
/// @param status `completed`, `failed`, `cancelled` or `expired`
/// @param source null unless completed
/// @param attempts of the job; 0 when nothing ran for this request
/// @param waitMs from the decision to take the request until its end, less the run
/// @param runMs of the run that made the answer; 0 for a cached one
/// @param savedMs compute time this caller did not have to spend
/// @param resultRef where a large result lies in the blob store, `<day written>/<sha256>`
/// @param resultSha256 digest of the result's bytes, where it is by reference or is left out
/// @param repeat whether this completion was given before
@JsonInclude(JsonInclude.Include.ALWAYS)
public record Completion(
    Status status,
    @Nullable Source source,
    String requestId,
    @Nullable String organizationId,
    @Nullable String userId,
    @Nullable JobId jobId,
    RequestHash requestHash,
    String type,
    Tier tier,
    int attempts,
    long waitMs,
    long runMs,
    long savedMs,
    @Nullable JsonNode result,
    @Nullable String resultRef,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Long resultBytes,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String resultSha256,
    @Nullable Failure error,
    boolean repeat,
    Instant completedAt) {}
