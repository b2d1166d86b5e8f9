package dev.millrace.bench;

/// What came back.
///
/// @param how where the answer came from, such as `cached`; else the status it ended with
/// @param atNanos when it was in the caller's hands
record Answer(String how, long atNanos) {}
