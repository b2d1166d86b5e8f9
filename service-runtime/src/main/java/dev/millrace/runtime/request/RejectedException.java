package dev.millrace.runtime.request;

import dev.millrace.contracts.RejectionCode;

/// A [Rejection] on its way up from deep inside a value. It carries no stack trace, because bad
/// input is ordinary and must stay cheap.
public final class RejectedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final transient Rejection rejection;

  public RejectedException(Rejection rejection) {
    super(rejection.code() + " " + rejection.message(), null, false, false);
    this.rejection = rejection;
  }

  RejectedException(RejectionCode code, String message, String field) {
    this(new Rejection(code, message, field));
  }

  public Rejection rejection() {
    return rejection;
  }
}
