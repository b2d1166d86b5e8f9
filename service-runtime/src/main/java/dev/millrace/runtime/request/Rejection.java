package dev.millrace.runtime.request;

import dev.millrace.contracts.RejectionCode;

/// Why a request was turned away.
///
/// @param message one line of printable text: what was wrong and what was expected
/// @param field where, such as `params.scenarios[1].name`; empty when it is the whole value
public record Rejection(RejectionCode code, String message, String field) {}
