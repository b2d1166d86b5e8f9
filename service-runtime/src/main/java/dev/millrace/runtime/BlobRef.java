package dev.millrace.runtime;

import dev.millrace.contracts.Sha256;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.regex.Pattern;

/// How blobs are named, wherever they lie: `<day written>/<sha256>`.
final class BlobRef {

  private static final Pattern REFERENCE = Pattern.compile("\\d{4}-\\d{2}-\\d{2}/[0-9a-f]{64}");

  private BlobRef() {}

  /// The name of `bytes` that are written now.
  static String of(byte[] bytes, Instant now) {
    return day(now) + "/" + Sha256.hex(bytes);
  }

  /// Whether `ref` may be looked up. What came from outside may be a path that leads elsewhere.
  static boolean isOne(String ref) {
    return REFERENCE.matcher(ref).matches();
  }

  /// Whether `day` is one, and over by the day of `limit`. Folders of others are no days.
  static boolean isBefore(String day, Instant limit) {
    try {
      return LocalDate.parse(day).isBefore(day(limit));
    } catch (DateTimeParseException _) {
      return false;
    }
  }

  private static LocalDate day(Instant instant) {
    return LocalDate.ofInstant(instant, ZoneOffset.UTC);
  }
}
