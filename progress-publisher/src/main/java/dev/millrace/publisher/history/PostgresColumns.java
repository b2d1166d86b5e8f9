package dev.millrace.publisher.history;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.millrace.contracts.Decision;
import dev.millrace.contracts.JobId;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.Tier;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/// What stands in the columns for the values of records.
final class PostgresColumns {

  private PostgresColumns() {}

  static String hashOf(Decision decision) {
    var hash = decision.requestHash();
    return hash == null ? "" : hash.hex();
  }

  static @Nullable String typeOf(Decision decision) {
    if (decision.type() != null) {
      return decision.type();
    }
    var job = decision.jobId();
    int colon = job == null ? -1 : job.value().indexOf(':');
    return job == null || colon < 0 ? null : job.value().substring(0, colon);
  }

  static @Nullable String id(@Nullable Tier tier) {
    return tier == null ? null : tier.id();
  }

  static @Nullable String id(@Nullable JobId job) {
    return job == null ? null : job.value();
  }

  static String text(@Nullable String text) {
    return text == null ? "" : text;
  }

  /// PostgreSQL text holds no NUL.
  static @Nullable String plain(@Nullable String text) {
    return text == null ? null : text.replace('\0', '\uFFFD');
  }

  static OffsetDateTime time(Instant instant) {
    return instant.atOffset(ZoneOffset.UTC);
  }

  static @Nullable OffsetDateTime timeOrNull(@Nullable Instant instant) {
    return instant == null ? null : time(instant);
  }

  static String json(Object value) {
    try {
      return Json.MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException("cannot write " + value.getClass().getSimpleName(), e);
    }
  }
}
