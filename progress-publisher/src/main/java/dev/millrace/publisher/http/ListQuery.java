package dev.millrace.publisher.http;

import dev.millrace.contracts.RejectionCode;
import dev.millrace.contracts.Status;
import dev.millrace.contracts.Tier;
import dev.millrace.publisher.history.HistoryFilter;
import dev.millrace.runtime.request.Nearest;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The query of a list, checked.
record ListQuery(HistoryFilter filter, int limit, @Nullable String cursor) {

  static final String[] NAMES = {
    "status", "type", "tier", "organizationId", "tag", "q", "from", "to", "sort", "limit", "cursor"
  };
  private static final int DEFAULT = 50;
  private static final int LEAST = 10;
  private static final int MOST = 100;
  private static final int LONGEST = 256;

  static ListQuery parse(Map<String, String> query) {
    for (var field : query.entrySet()) {
      if (field.getValue().length() > LONGEST || field.getValue().indexOf('\0') >= 0) {
        throw Problem.badField(
            field.getKey().equals("cursor") ? RejectionCode.E_CURSOR : RejectionCode.E_SCHEMA,
            field.getKey(),
            "expected at most " + LONGEST + " characters of text");
      }
    }
    var filter =
        new HistoryFilter(
            status(query.get("status")),
            text(query.get("type")),
            tier(query.get("tier")),
            query.get("organizationId"),
            text(query.get("tag")),
            text(query.get("q")),
            time("from", query.get("from")),
            time("to", query.get("to")),
            oldestFirst(query.get("sort")));
    return new ListQuery(filter, limit(query.get("limit")), text(query.get("cursor")));
  }

  private static @Nullable Status status(@Nullable String text) {
    if (text == null || text.isEmpty()) {
      return null;
    }
    try {
      return Status.of(text);
    } catch (IllegalArgumentException _) {
      throw unknown("status", text, Arrays.stream(Status.values()).map(Status::id).toList());
    }
  }

  private static @Nullable Tier tier(@Nullable String text) {
    if (text == null || text.isEmpty()) {
      return null;
    }
    return Tier.find(text)
        .orElseThrow(
            () -> unknown("tier", text, Arrays.stream(Tier.values()).map(Tier::id).toList()));
  }

  private static Problem unknown(String field, String given, List<String> known) {
    return Problem.badField(
        RejectionCode.E_SCHEMA,
        field,
        "expected one of " + String.join(", ", known) + Nearest.hint(given, known));
  }

  private static @Nullable Instant time(String field, @Nullable String text) {
    if (text == null || text.isEmpty()) {
      return null;
    }
    try {
      var time =
          text.length() == 10
              ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
              : OffsetDateTime.parse(text).toInstant();
      int year = time.atOffset(ZoneOffset.UTC).getYear();
      if (year >= 1 && year <= 9999) {
        return time;
      }
    } catch (DateTimeException _) {
      // Said below.
    }
    throw Problem.badField(
        RejectionCode.E_SCHEMA, field, "expected a time such as 2026-11-20T09:31:22Z or a date");
  }

  private static boolean oldestFirst(@Nullable String sort) {
    return switch (sort) {
      case null -> false;
      case "-createdAt" -> false;
      case "createdAt" -> true;
      default ->
          throw Problem.badField(
              RejectionCode.E_SORT, "sort", "expected -createdAt (newest first) or createdAt");
    };
  }

  /// Clamped, not refused.
  private static int limit(@Nullable String text) {
    if (text == null || text.isEmpty()) {
      return DEFAULT;
    }
    try {
      return Math.clamp(Long.parseLong(text), LEAST, MOST);
    } catch (NumberFormatException _) {
      throw Problem.badField(
          RejectionCode.E_SCHEMA, "limit", "expected a number from " + LEAST + " to " + MOST);
    }
  }

  private static @Nullable String text(@Nullable String text) {
    return text == null || text.isEmpty() ? null : text;
  }
}
