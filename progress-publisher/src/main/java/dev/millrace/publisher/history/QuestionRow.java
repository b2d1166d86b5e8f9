package dev.millrace.publisher.history;

import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.Scope;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a request asked, as the history keeps it.
///
/// @param params the canonical params; null when they are too long to be kept
/// @param tags of the answer: those of the type and the request's own
/// @param askedAt when it was let in
public record QuestionRow(
    RequestHash hash,
    String type,
    @Nullable String organizationId,
    String requestId,
    @Nullable String workspaceId,
    @Nullable String userId,
    Scope scope,
    @Nullable String params,
    int paramsBytes,
    List<String> tags,
    Asked asked,
    Instant askedAt) {}
