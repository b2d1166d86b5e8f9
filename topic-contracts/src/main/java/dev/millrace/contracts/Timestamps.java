package dev.millrace.contracts;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;

/// Instants as they stand on topics: `2026-11-20T09:31:22.498Z`. Every record has some, and a
/// formatter takes longer for one than Jackson for ten other fields; so the usual form is written
/// and read by its positions. What is not of that form is left to `java.time`.
final class Timestamps {

  private static final String FORM = "0000-00-00T00:00:00.000Z";

  private static final Instant FIRST = Instant.parse("0000-01-01T00:00:00Z");
  private static final Instant LAST = Instant.parse("9999-12-31T23:59:59.999Z");

  private static final DateTimeFormatter ANY =
      new DateTimeFormatterBuilder().appendInstant(3).toFormatter();

  private Timestamps() {}

  /// The text of an instant; what is below a millisecond is cut off.
  static String write(Instant instant) {
    if (instant.isBefore(FIRST) || instant.isAfter(LAST)) {
      return ANY.format(instant);
    }
    var time =
        LocalDateTime.ofEpochSecond(instant.getEpochSecond(), instant.getNano(), ZoneOffset.UTC);
    var text = FORM.getBytes(StandardCharsets.ISO_8859_1);
    put(text, 0, 4, time.getYear());
    put(text, 5, 7, time.getMonthValue());
    put(text, 8, 10, time.getDayOfMonth());
    put(text, 11, 13, time.getHour());
    put(text, 14, 16, time.getMinute());
    put(text, 17, 19, time.getSecond());
    put(text, 20, 23, time.getNano() / 1_000_000);
    return new String(text, StandardCharsets.ISO_8859_1);
  }

  private static void put(byte[] text, int from, int to, int number) {
    int rest = number;
    for (int at = to - 1; at >= from; at--) {
      text[at] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
  }

  /// The instant in a text.
  ///
  /// @throws DateTimeException when it is none
  static Instant read(String text) {
    if (!ofTheForm(text)) {
      return Instant.parse(text);
    }
    int hour = number(text, 11, 13);
    int minute = number(text, 14, 16);
    int second = number(text, 17, 19);
    if (hour > 23 || minute > 59 || second > 59) {
      return Instant.parse(text);
    }
    var date = LocalDate.of(number(text, 0, 4), number(text, 5, 7), number(text, 8, 10));
    return Instant.ofEpochSecond(
        ((date.toEpochDay() * 24 + hour) * 60 + minute) * 60 + second,
        number(text, 20, 23) * 1_000_000L);
  }

  private static boolean ofTheForm(String text) {
    if (text.length() != FORM.length()) {
      return false;
    }
    for (int at = 0; at < FORM.length(); at++) {
      char here = text.charAt(at);
      char there = FORM.charAt(at);
      if (there == '0' ? here < '0' || here > '9' : here != there) {
        return false;
      }
    }
    return true;
  }

  private static int number(String text, int from, int to) {
    int number = 0;
    for (int at = from; at < to; at++) {
      number = number * 10 + text.charAt(at) - '0';
    }
    return number;
  }
}
