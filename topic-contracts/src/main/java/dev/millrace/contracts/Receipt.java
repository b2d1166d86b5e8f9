package dev.millrace.contracts;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// One ledger partition's answer to a command. The command is done when all partitions have
/// answered.
///
/// @param found how many requests, entries or lanes of this partition it met
/// @param recomputeMs of a dry run: the compute time that went into what it found, ms
@JsonInclude(JsonInclude.Include.ALWAYS)
public record Receipt(
    String commandId,
    int partition,
    int partitions,
    boolean ok,
    long found,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Long recomputeMs,
    @Nullable String error,
    Instant at) {}
