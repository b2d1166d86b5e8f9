package dev.millrace.contracts;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/// The record headers of the contract. All are UTF-8 text, each name at most once.
public final class HeaderNames {

  public static final String CONTENT_TYPE = "content-type";
  public static final String SCHEMA = "schema";
  public static final String JOB_ID = "job-id";
  public static final String JOB_TYPE = "job-type";
  public static final String TIER = "tier";
  public static final String REQUEST_HASH = "request-hash";
  public static final String ATTEMPT = "attempt";
  public static final String MAX_ATTEMPTS = "max-attempts";
  public static final String NOT_BEFORE = "not-before";
  public static final String TRACEPARENT = "traceparent";
  public static final String ANSWERED = "answered";
  public static final String ERROR_CODE = "error-code";
  public static final String ERROR_MESSAGE = "error-message";
  public static final String ERROR_FIELD = "error-field";
  public static final String ERROR_TOPIC = "error-topic";
  public static final String ERROR_PARTITION = "error-partition";
  public static final String ERROR_OFFSET = "error-offset";
  public static final String ERROR_AT = "error-at";

  /// On a rejected record whose value was cut: its full length in bytes, and its SHA-256.
  public static final String ORIGINAL_BYTES = "original-bytes";

  public static final String ORIGINAL_SHA256 = "original-sha256";

  private HeaderNames() {}

  /// The text of the last header `name`, or null.
  public static @Nullable String text(Headers headers, String name) {
    Header header = headers.lastHeader(name);
    return header == null || header.value() == null
        ? null
        : new String(header.value(), StandardCharsets.UTF_8);
  }

  /// Adds a header unless `value` is null. Line breaks become spaces, so that one header stays one
  /// line wherever it is shown.
  public static void put(Headers headers, String name, @Nullable Object value) {
    if (value != null) {
      var text = value.toString().replace('\r', ' ').replace('\n', ' ');
      headers.add(name, text.getBytes(StandardCharsets.UTF_8));
    }
  }
}
