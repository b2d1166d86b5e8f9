package dev.millrace.contracts;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.common.header.Headers;

/// CloudEvents 1.0 in binary mode: the value of the record stays the plain data, the attributes are
/// `ce_*` headers. On progress, completions and alerts.
///
/// | header | example |
/// |---|---|
/// | `ce_specversion` | `1.0` |
/// | `ce_id` | `simulation:9f2c41d0a1b2c3d4:131/3f9a/17` |
/// | `ce_type` | `millrace.job.progress.v1` |
/// | `ce_source` | `/millrace/workers/w-3` |
/// | `ce_subject` | the job or request id |
/// | `ce_time` | `2026-11-20T09:31:22.498Z` |
/// | `ce_sequence` | `0000000017`; sorts as text |
public final class CloudEvents {

  public static final String PROGRESS = "millrace.job.progress.v1";
  public static final String COMPLETION = "millrace.request.completion.v1";
  public static final String ALERT = "millrace.alert.v1";

  private CloudEvents() {}

  /// Adds the attributes of one event to the headers of a record that is about to be sent.
  ///
  /// @param id together with `source`, unique
  /// @param sequence orders the events of one subject
  public static void put(
      Map<String, String> headers,
      String type,
      String source,
      String subject,
      String id,
      Instant time,
      long sequence) {
    headers.put("ce_specversion", "1.0");
    headers.put("ce_id", id);
    headers.put("ce_type", type);
    headers.put("ce_source", source);
    headers.put("ce_subject", subject);
    headers.put("ce_time", Json.time(time));
    var digits = Long.toString(sequence);
    headers.put("ce_sequence", "0".repeat(Math.max(0, 10 - digits.length())) + digits);
  }

  /// The same for Kafka's own headers.
  public static void put(
      Headers headers,
      String type,
      String source,
      String subject,
      String id,
      Instant time,
      long sequence) {
    var attributes = new LinkedHashMap<String, String>();
    put(attributes, type, source, subject, id, time, sequence);
    attributes.forEach((name, text) -> HeaderNames.put(headers, name, text));
  }
}
