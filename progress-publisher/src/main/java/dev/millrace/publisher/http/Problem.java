package dev.millrace.publisher.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.contracts.Completion;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.RejectionCode;
import dev.millrace.runtime.request.Rejection;
import org.eclipse.jetty.http.HttpStatus;
import org.jspecify.annotations.Nullable;

/// Why a call was not answered as asked, as `application/problem+json`. The codes are those of the
/// rejected topic.
public final class Problem extends RuntimeException {

  static final String UNAVAILABLE = "E_UNAVAILABLE";

  private static final long serialVersionUID = 1L;

  private final int status;
  private final String code;
  private final String detail;
  private final @Nullable String field;
  private final @Nullable String next;

  private Problem(
      int status, String code, String detail, @Nullable String field, @Nullable String next) {
    super(code + " " + detail, null, false, false);
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.field = field;
    this.next = next;
  }

  static Problem of(int status, RejectionCode code, String detail) {
    return new Problem(status, code.name(), detail, null, null);
  }

  static Problem of(Rejection rejection) {
    int status =
        switch (rejection.code()) {
          case E_CONFLICT -> HttpStatus.CONFLICT_409;
          case E_SIZE -> HttpStatus.PAYLOAD_TOO_LARGE_413;
          case E_INTERNAL -> HttpStatus.INTERNAL_SERVER_ERROR_500;
          default -> HttpStatus.BAD_REQUEST_400;
        };
    return new Problem(
        status, rejection.code().name(), rejection.message(), rejection.field(), null);
  }

  static Problem badField(RejectionCode code, String field, String detail) {
    return new Problem(HttpStatus.BAD_REQUEST_400, code.name(), detail, field, null);
  }

  static Problem notFound(String detail, String next) {
    return new Problem(
        HttpStatus.NOT_FOUND_404, RejectionCode.E_NOT_FOUND.name(), detail, null, next);
  }

  /// A request made on the way ended without a result.
  static Problem ended(Completion completion) {
    var failure = completion.error();
    return new Problem(
        HttpStatus.BAD_GATEWAY_502,
        failure == null ? RejectionCode.E_UNAVAILABLE.name() : failure.code(),
        "request "
            + completion.requestId()
            + " ended "
            + completion.status().id()
            + (failure == null ? " without a result" : ": " + failure.message()),
        null,
        null);
  }

  static Problem unavailable(String detail) {
    return new Problem(
        HttpStatus.SERVICE_UNAVAILABLE_503,
        UNAVAILABLE,
        detail,
        null,
        "Try again in a few seconds; GET /health/ready says what is missing.");
  }

  /// For what Jetty refuses before any route is asked.
  static Problem ofStatus(int status, @Nullable String detail) {
    var code =
        switch (status) {
          case HttpStatus.NOT_FOUND_404 -> RejectionCode.E_NOT_FOUND;
          case HttpStatus.PAYLOAD_TOO_LARGE_413 -> RejectionCode.E_SIZE;
          case HttpStatus.REQUEST_HEADER_FIELDS_TOO_LARGE_431 -> RejectionCode.E_HEADER;
          case HttpStatus.TOO_MANY_REQUESTS_429 -> RejectionCode.E_RATE;
          default ->
              HttpStatus.isServerError(status) ? RejectionCode.E_INTERNAL : RejectionCode.E_SCHEMA;
        };
    return of(status, code, detail == null ? HttpStatus.getMessage(status) : detail);
  }

  Problem next(String advice) {
    return new Problem(status, code, detail, field, advice);
  }

  int status() {
    return status;
  }

  String code() {
    return code;
  }

  ObjectNode json() {
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.put("type", "about:blank");
    json.put("title", HttpStatus.getMessage(status));
    json.put("status", status);
    json.put("detail", detail);
    json.put("code", code);
    if (field != null && !field.isEmpty()) {
      json.put("field", field);
    }
    if (next != null) {
      json.put("next", next);
    }
    return json;
  }
}
