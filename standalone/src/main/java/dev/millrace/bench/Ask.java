package dev.millrace.bench;

import dev.millrace.contracts.Tier;
import java.nio.charset.StandardCharsets;

/// One request for the type `bench`.
///
/// @param key what is asked: equal keys are one question
/// @param workMs how long the run waits
/// @param resultBytes about how large the answer is
record Ask(Tier tier, String key, int workMs, int resultBytes) {

  /// What the peers were measured with.
  private static final int BODY_BYTES = 600;

  private static final int RESULT_BYTES = 300;

  static Ask of(String key, int workMs) {
    return new Ask(Tier.PRO, key, workMs, RESULT_BYTES);
  }

  Ask in(Tier other) {
    return new Ask(other, key, workMs, resultBytes);
  }

  /// The request as it is sent; the key is padded until it has the usual size.
  byte[] body(String requestId) {
    var before =
        "{\"type\":\"bench\",\"tier\":\"%s\",\"requestId\":\"%s\",\"params\":{\"key\":\"%s-"
            .formatted(tier.id(), requestId, key);
    var after = "\",\"workMs\":%d,\"resultBytes\":%d}}".formatted(workMs, resultBytes);
    // Not from the request id: one question has one key.
    var padding = "x".repeat(Math.max(0, BODY_BYTES - 150 - key.length()));
    return (before + padding + after).getBytes(StandardCharsets.UTF_8);
  }
}
