package dev.millrace.bench;

import dev.millrace.contracts.Tier;
import java.nio.charset.StandardCharsets;

/// One request.
///
/// @param params what is asked, as JSON: equal params of a type are one question
record Ask(Tier tier, String type, String params) {

  /// What the peers were measured with: a request of about 600 bytes, an answer of 300.
  private static final int KEY_LENGTH = 450;

  private static final int RESULT_BYTES = 300;

  /// A job of the bench's own type.
  ///
  /// @param key is padded until the request has the usual size
  /// @param workMs how long the run waits
  static Ask of(String key, int workMs) {
    var padded = key + "-" + "x".repeat(Math.max(0, KEY_LENGTH - key.length()));
    return new Ask(
        Tier.PRO,
        "bench",
        "{\"key\":\""
            + padded
            + "\",\"workMs\":"
            + workMs
            + ",\"resultBytes\":"
            + RESULT_BYTES
            + "}");
  }

  Ask in(Tier other) {
    return new Ask(other, type, params);
  }

  /// What a run of [BenchHandler] would answer, as JSON.
  static String answer() {
    return "{\"answer\":\"" + "y".repeat(RESULT_BYTES) + "\"}";
  }

  /// The request as it is sent.
  byte[] body(String requestId) {
    return text("\"requestId\":\"" + requestId + "\",").getBytes(StandardCharsets.UTF_8);
  }

  /// The request with no name.
  String text() {
    return text("");
  }

  private String text(String name) {
    return "{\"type\":\""
        + type
        + "\",\"tier\":\""
        + tier.id()
        + "\","
        + name
        + "\"params\":"
        + params
        + "}";
  }
}
