package dev.millrace.publisher.history;

/// PostgreSQL cannot be asked now. Streams and submissions go on without it.
public final class HistoryUnavailableException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  HistoryUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
