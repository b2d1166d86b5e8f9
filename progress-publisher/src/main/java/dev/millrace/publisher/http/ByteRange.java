package dev.millrace.publisher.http;

import java.util.Optional;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpStatus;

/// One range of bytes.
///
/// @param last inclusive
record ByteRange(long first, long last) {

  private static final Pattern ONE = Pattern.compile("bytes=(\\d{0,18})-(\\d{0,18})");

  long length() {
    return last - first + 1;
  }

  /// The range a `Range` header asks for. Empty when it is none we serve, such as several ranges:
  /// then everything is sent.
  ///
  /// @throws Problem 416 when it lies outside
  static Optional<ByteRange> parse(String header, long length) {
    var match = ONE.matcher(header.strip());
    if (!match.matches() || (match.group(1).isEmpty() && match.group(2).isEmpty())) {
      return Optional.empty();
    }
    long first;
    long last;
    if (match.group(1).isEmpty()) {
      first = Math.max(0, length - Long.parseLong(match.group(2)));
      last = length - 1;
    } else {
      first = Long.parseLong(match.group(1));
      last = match.group(2).isEmpty() ? Long.MAX_VALUE : Long.parseLong(match.group(2));
      if (last < first) {
        return Optional.empty();
      }
    }
    if (first >= length) {
      throw Problem.ofStatus(
          HttpStatus.RANGE_NOT_SATISFIABLE_416, "the result has " + length + " bytes");
    }
    return Optional.of(new ByteRange(first, Math.min(last, length - 1)));
  }
}
