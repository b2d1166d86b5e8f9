package dev.millrace.contracts;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Something an operator should know.
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Alert(
    String severity, String alert, String message, @Nullable String next, Instant at) {}
