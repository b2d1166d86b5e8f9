package dev.millrace.workers.handlers;

import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// How a job failed, said by its handler.
public final class JobFailure extends Exception {

  private static final long serialVersionUID = 1L;
  private static final Pattern CODE = Pattern.compile("[A-Z][A-Z0-9_]{0,63}");

  private final String code;
  private final boolean retryable;
  private final @Nullable Duration retryAfter;

  private JobFailure(
      String code, String message, boolean retryable, @Nullable Duration retryAfter) {
    super(message);
    if (!CODE.matcher(code).matches()) {
      throw new IllegalArgumentException(
          "a failure code is in upper case, such as NOT_FOUND: " + code);
    }
    this.code = code;
    this.retryable = retryable;
    this.retryAfter = retryAfter;
  }

  /// Another attempt would end the same way.
  ///
  /// @param code in upper case with underscores; counted and searched for
  /// @param message what happened, and what the caller or the operator can do
  public static JobFailure permanent(String code, String message) {
    return new JobFailure(code, message, false, null);
  }

  /// Another attempt may end otherwise, after the backoff of the type.
  public static JobFailure retryable(String code, String message) {
    return new JobFailure(code, message, true, null);
  }

  /// Another attempt may end otherwise, but not before `retryAfter`.
  public static JobFailure retryable(String code, String message, Duration retryAfter) {
    return new JobFailure(code, message, true, retryAfter);
  }

  public JobFailure causedBy(Throwable cause) {
    initCause(cause);
    return this;
  }

  public String code() {
    return code;
  }

  public boolean isRetryable() {
    return retryable;
  }

  /// The wait asked for, or null for the type's own backoff.
  public @Nullable Duration retryAfter() {
    return retryAfter;
  }
}
