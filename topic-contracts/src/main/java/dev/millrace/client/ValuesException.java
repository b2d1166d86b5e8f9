package dev.millrace.client;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/// A call that came to nothing: refused, or not answered in time.
public final class ValuesException extends RuntimeException {

  /// The code of a call that got no answer; it may or may not have taken effect.
  public static final String UNAVAILABLE = "E_UNAVAILABLE";

  /// The code of an answer that cannot be read as what was asked for.
  public static final String UNREADABLE = "E_SCHEMA";

  private static final long serialVersionUID = 1L;

  private final int status;
  private final String code;
  private final @Nullable String field;

  private ValuesException(
      int status, String code, @Nullable String field, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.status = status;
    this.code = code;
    this.field = field;
  }

  /// What a server said, as `application/problem+json`.
  static ValuesException of(int status, JsonNode problem) {
    var code = problem.path("code").asText(status >= 500 ? UNAVAILABLE : "E_INTERNAL");
    var field = problem.path("field").asText("");
    var next = problem.path("next").asText("");
    return new ValuesException(
        status,
        code,
        field.isEmpty() ? null : field,
        code
            + (field.isEmpty() ? "" : " " + field)
            + ": "
            + problem.path("detail").asText("HTTP " + status)
            + (next.isEmpty() ? "" : ". " + next),
        null);
  }

  /// Another answer than was expected, such as a value of another class.
  static ValuesException unreadable(String message, @Nullable Throwable cause) {
    return new ValuesException(0, UNREADABLE, null, UNREADABLE + ": " + message, cause);
  }

  static ValuesException unanswered(String message, Throwable cause) {
    return new ValuesException(0, UNAVAILABLE, null, UNAVAILABLE + ": " + message, cause);
  }

  /// The HTTP status; 0 without an answer.
  public int status() {
    return status;
  }

  /// A code of `docs/errors.md`, such as `E_CONFLICT`.
  public String code() {
    return code;
  }

  /// What was wrong of what was sent; null when it was not one field.
  public @Nullable String field() {
    return field;
  }
}
