package dev.millrace.runtime.reads;

import dev.millrace.contracts.CacheMode;
import dev.millrace.contracts.RequestHash;
import dev.millrace.runtime.request.CheckedRequest;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What somebody wants to know, and on which terms an answer is good for them.
///
/// @param ttlMs the oldest answer that is good; null: any that has not expired
/// @param tags what makes the answer untrue for this caller when it is invalidated, beside the
///   answer's own
/// @param requestId the id the caller chose, if any: a request that came before is never answered
///   here, because it has an end already, or will have
public record Question(
    RequestHash hash,
    String type,
    CacheMode mode,
    @Nullable Long ttlMs,
    List<String> tags,
    @Nullable String organizationId,
    @Nullable String requestId) {

  public Question {
    tags = List.copyOf(tags);
  }

  public static Question of(CheckedRequest request) {
    return new Question(
        request.requestHash(),
        request.type(),
        request.mode(),
        request.ttlMs() != null ? request.ttlMs() : request.policy().oldestMs(),
        request.tags(),
        request.organizationId(),
        request.requestId());
  }

  /// This question as the query of an URL; the hash stands in its path.
  public String query() {
    var query = new StringBuilder("type=").append(type).append("&mode=").append(mode.id());
    append(query, "ttlMs", ttlMs);
    tags.forEach(tag -> append(query, "tag", tag));
    append(query, "organizationId", organizationId);
    append(query, "requestId", requestId);
    return query.toString();
  }

  /// The question that [#query] spelled.
  ///
  /// @param fields of the query, by name
  /// @throws IllegalArgumentException when it is none
  public static Question parse(RequestHash hash, Map<String, List<String>> fields) {
    var type = first(fields, "type");
    var mode = first(fields, "mode");
    var ttlMs = first(fields, "ttlMs");
    if (type == null || mode == null) {
      throw new IllegalArgumentException("a question has a type and a mode");
    }
    return new Question(
        hash,
        type,
        CacheMode.of(mode),
        ttlMs == null ? null : Long.valueOf(ttlMs),
        fields.getOrDefault("tag", List.of()),
        first(fields, "organizationId"),
        first(fields, "requestId"));
  }

  private static void append(StringBuilder query, String name, @Nullable Object value) {
    if (value != null) {
      query
          .append('&')
          .append(name)
          .append('=')
          .append(URLEncoder.encode(value.toString(), StandardCharsets.UTF_8));
    }
  }

  private static @Nullable String first(Map<String, List<String>> fields, String name) {
    var values = fields.getOrDefault(name, List.of());
    return values.isEmpty() ? null : values.getFirst();
  }
}
