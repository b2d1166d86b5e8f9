package dev.millrace.intake.admission;

import dev.millrace.contracts.HeaderNames;
import dev.millrace.contracts.RejectionCode;
import dev.millrace.runtime.request.Printable;
import dev.millrace.runtime.request.Rejection;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.header.Headers;

/// Which headers a record from outside may have: at most 16 KiB of them, each name once, and none
/// that only Millrace itself may set.
final class HeaderRules {

  static final int MAX_BYTES = 16 * 1024;

  /// What only the pipeline says about a job. `error-*` and `original-*` are not among them: they
  /// are only dropped, so that a rejected record which was repaired can be produced again as it is.
  private static final Set<String> OURS =
      Set.of(
          HeaderNames.JOB_ID,
          HeaderNames.JOB_TYPE,
          HeaderNames.REQUEST_HASH,
          HeaderNames.ATTEMPT,
          HeaderNames.MAX_ATTEMPTS,
          HeaderNames.NOT_BEFORE,
          "epoch",
          "run-id",
          "token");

  private HeaderRules() {}

  /// What is wrong with the headers, if anything is.
  static Optional<Rejection> check(Headers headers) {
    long bytes = 0;
    var names = new HashSet<String>();
    for (var header : headers) {
      var name = header.key();
      bytes += name.getBytes(StandardCharsets.UTF_8).length;
      bytes += header.value() == null ? 0 : header.value().length;
      if (bytes > MAX_BYTES) {
        return refuse("the headers have more than " + MAX_BYTES + " bytes");
      }
      if (OURS.contains(name)) {
        return refuse("the header " + name + " is set by Millrace alone: leave it out");
      }
      if (!names.add(name)) {
        return refuse("the header " + Printable.quoted(name) + " stands twice: expected each once");
      }
    }
    return Optional.empty();
  }

  /// Whether a header must not stand on a rejected record as it came, because readers would take it
  /// for ours.
  static boolean forged(String name) {
    return OURS.contains(name) || name.startsWith("error-") || name.startsWith("original-");
  }

  private static Optional<Rejection> refuse(String message) {
    return Optional.of(new Rejection(RejectionCode.E_HEADER, message, ""));
  }
}
