package dev.millrace.runtime.reads;

/// Nobody who can be reached owns the ledger partition in question.
public final class LedgerUnavailableException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public LedgerUnavailableException(String message) {
    super(message);
  }
}
