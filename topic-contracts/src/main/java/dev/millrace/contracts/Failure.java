package dev.millrace.contracts;

/// Why an attempt or a request failed.
///
/// @param code one of [FailureCode], or a handler's own upper-case code
/// @param message what happened, to which job, what to do next; at most 4,000 characters
/// @param retryable whether another attempt could end otherwise
/// @param attempt the attempt it happened in, from 1; 0 when nothing ran
public record Failure(String code, String message, boolean retryable, int attempt) {

  private static final int LONGEST_CODE = 64;
  private static final int LONGEST_MESSAGE = 4_000;

  public Failure {
    if (code.length() > LONGEST_CODE) {
      code = cut(code, LONGEST_CODE);
    }
    if (message.length() > LONGEST_MESSAGE) {
      message = cut(message, LONGEST_MESSAGE);
    }
  }

  public static Failure of(FailureCode code, String message, boolean retryable, int attempt) {
    return new Failure(code.name(), message, retryable, attempt);
  }

  /// The start of `text`, never ending in half of a surrogate pair, which no JSON can carry.
  private static String cut(String text, int length) {
    return text.substring(
        0, Character.isHighSurrogate(text.charAt(length - 1)) ? length - 1 : length);
  }
}
