package dev.millrace.runtime.request;

/// What became of the bytes of a request.
public sealed interface Reading {

  record Accepted(CheckedRequest request) implements Reading {}

  record Rejected(Rejection rejection) implements Reading {}
}
