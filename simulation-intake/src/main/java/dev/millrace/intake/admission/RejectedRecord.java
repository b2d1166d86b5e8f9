package dev.millrace.intake.admission;

import dev.millrace.contracts.HeaderNames;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.Sha256;
import dev.millrace.runtime.request.Rejection;
import java.time.Instant;
import java.util.Arrays;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/// How a record stands on the rejected topic: its key, value and headers as they came, and the
/// reason in headers of ours. Topic, partition and offset there identify a rejection.
public final class RejectedRecord {

  /* A value is cut, so that what is rejected for its size always fits. Key and headers share a batch
  of at most 1 MiB with it on the way in, and the rejected topic takes 2 MiB. */

  private static final int LARGEST_VALUE = 256 * 1024;
  private static final int KEPT = 64 * 1024;
  private static final int LONGEST_MESSAGE = 1_000;

  private RejectedRecord() {}

  /// The value, or its first 64 KiB when it is over 256 KiB.
  public static byte @Nullable [] value(byte @Nullable [] original) {
    return original != null && original.length > LARGEST_VALUE
        ? Arrays.copyOf(original, KEPT)
        : original;
  }

  /// The headers that came, without any that only we may set, and the reason.
  ///
  /// @param original the value as it came
  public static Headers headers(
      Headers given, byte @Nullable [] original, Rejection rejection, Place place, Instant at) {
    var headers = new RecordHeaders();
    for (var header : given) {
      if (!HeaderRules.forged(header.key())) {
        headers.add(header);
      }
    }
    HeaderNames.put(headers, HeaderNames.ERROR_CODE, rejection.code());
    HeaderNames.put(headers, HeaderNames.ERROR_MESSAGE, cut(rejection.message()));
    if (!rejection.field().isEmpty()) {
      HeaderNames.put(headers, HeaderNames.ERROR_FIELD, cut(rejection.field()));
    }
    HeaderNames.put(headers, HeaderNames.ERROR_TOPIC, place.topic());
    HeaderNames.put(headers, HeaderNames.ERROR_PARTITION, place.partition());
    HeaderNames.put(headers, HeaderNames.ERROR_OFFSET, place.offset());
    HeaderNames.put(headers, HeaderNames.ERROR_AT, Json.time(at));
    if (original != null && original.length > LARGEST_VALUE) {
      HeaderNames.put(headers, HeaderNames.ORIGINAL_BYTES, original.length);
      HeaderNames.put(headers, HeaderNames.ORIGINAL_SHA256, Sha256.hex(original));
    }
    return headers;
  }

  private static String cut(String text) {
    return text.length() > LONGEST_MESSAGE ? text.substring(0, LONGEST_MESSAGE) + "…" : text;
  }
}
