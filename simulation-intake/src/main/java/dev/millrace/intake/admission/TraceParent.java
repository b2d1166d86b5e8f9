package dev.millrace.intake.admission;

import dev.millrace.contracts.HeaderNames;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.kafka.common.header.Headers;

/// The W3C trace context of a record: `00-<trace id>-<parent id>-<flags>`.
final class TraceParent {

  private static final Pattern FORM =
      Pattern.compile("(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");

  private TraceParent() {}

  /// The header's value; a malformed one starts no trace and stops no request.
  static Optional<String> of(Headers headers) {
    return Optional.ofNullable(HeaderNames.text(headers, HeaderNames.TRACEPARENT))
        .filter(text -> FORM.matcher(text).matches());
  }
}
