package dev.millrace.intake.admission;

import dev.millrace.contracts.HeaderNames;
import dev.millrace.contracts.JobId;
import dev.millrace.contracts.Tier;
import dev.millrace.runtime.request.Reading;
import dev.millrace.runtime.request.RequestReader;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/// Decides about one record of a request topic: admitted with everything the ledger needs, or
/// refused with the reason.
///
/// ```
/// headers ─▶ HeaderRules ─┐
/// value ───▶ RequestReader ┴─▶ Admitted, where it stood, traceparent, answered
/// ```
public final class Admission {

  private static final Pattern JOB_ID = Pattern.compile("[a-z0-9-]{1,64}:[0-9a-f]{16}:[0-9]{1,18}");

  private final RequestReader reader;

  public Admission(RequestReader reader) {
    this.reader = reader;
  }

  /// Decides about the record at `place`. Never throws for what the record holds.
  ///
  /// @param tier the topic's; it decides
  public Verdict decide(byte @Nullable [] value, Headers headers, Tier tier, Place place) {
    var wrong = HeaderRules.check(headers);
    if (wrong.isPresent()) {
      return new Verdict.Refuse(wrong.get());
    }
    return switch (reader.read(value, tier)) {
      case Reading.Rejected(var rejection) -> new Verdict.Refuse(rejection);
      case Reading.Accepted(var request) ->
          new Verdict.Admit(
              request.admitted(
                  place.name(),
                  place.origin(),
                  TraceParent.of(headers).orElse(null),
                  answered(headers).orElse(null)),
              request.tierMismatch());
    };
  }

  /// The job whose answer the HTTP door already gave. The ledger checks that it is one of this
  /// hash; anything else in the header is ignored.
  private static Optional<JobId> answered(Headers headers) {
    return Optional.ofNullable(HeaderNames.text(headers, HeaderNames.ANSWERED))
        .filter(text -> JOB_ID.matcher(text).matches())
        .map(JobId::of);
  }
}
