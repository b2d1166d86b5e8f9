package dev.millrace.workers.attempts;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.contracts.FailureCode;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.Sha256;
import dev.millrace.runtime.BlobStore;
import dev.millrace.workers.handlers.JobFailure;
import dev.millrace.workers.handlers.JobResult;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// Turns what a handler returned into what an outcome carries: the result itself, or a reference
/// into the blob store when it is large.
final class Results {

  /// What fits into a record; more goes to the blob store.
  static final int LARGEST_INLINE_BYTES = 64 * 1024;

  private static final int DEEPEST = 500;

  private final BlobStore blobs;
  private final long largestBytes;

  Results(BlobStore blobs, long largestBytes) {
    this.blobs = blobs;
    this.largestBytes = largestBytes;
  }

  /// An answer as an outcome carries it.
  ///
  /// @param inline null when it is by reference
  record Packed(
      @Nullable Double confidence,
      @Nullable JsonNode inline,
      @Nullable String ref,
      @Nullable Long bytes,
      @Nullable String sha256) {}

  /// Whether an answer may be kept.
  ///
  /// @return its result as it is written
  /// @throws JobFailure `INVALID_RESULT` or `TOO_LARGE`, both permanent
  byte[] check(@Nullable JobResult answer) throws JobFailure {
    if (answer == null || answer.result() == null || answer.result().isNull()) {
      throw invalid("the handler returned no result");
    }
    checkConfidence(answer.confidence());
    check(answer.result());
    var bytes = bytes(answer.result());
    if (bytes.length > largestBytes) {
      throw JobFailure.permanent(
          FailureCode.TOO_LARGE.name(),
          "the result has %,d bytes, over the limit of %,d: ask for less, or raise workers.result.max.bytes"
              .formatted(bytes.length, largestBytes));
    }
    return bytes;
  }

  /// Puts a large answer into the blob store.
  ///
  /// @param bytes what [#check] said of it
  /// @throws UncheckedIOException when the store does not take it
  Packed pack(JobResult answer, byte[] bytes) {
    if (bytes.length <= LARGEST_INLINE_BYTES) {
      return new Packed(answer.confidence(), answer.result(), null, null, null);
    }
    return new Packed(
        answer.confidence(), null, blobs.put(bytes), (long) bytes.length, Sha256.hex(bytes));
  }

  private static void checkConfidence(@Nullable Double confidence) throws JobFailure {
    if (confidence != null && !(confidence >= 0 && confidence <= 1)) {
      throw invalid("the handler's confidence is " + confidence + ", not from 0 to 1");
    }
  }

  /// Everything in it must be readable again by everybody else.
  private static void check(JsonNode result) throws JobFailure {
    record Level(JsonNode node, int depth) {}
    var left = new ArrayDeque<Level>();
    left.push(new Level(result, 1));
    while (!left.isEmpty()) {
      var level = left.pop();
      var node = level.node();
      if (level.depth() > DEEPEST) {
        throw invalid("the result is nested deeper than " + DEEPEST + " levels");
      }
      if (node.isFloatingPointNumber() && !node.isBigDecimal() && !finite(node)) {
        throw invalid("the result holds " + node.asText() + ", which is not a JSON number");
      }
      if (node.isPojo() || node.isMissingNode()) {
        throw invalid("the result holds something that is not JSON: " + node.getNodeType());
      }
      for (var child : node) {
        left.push(new Level(child, level.depth() + 1));
      }
    }
  }

  private static boolean finite(JsonNode number) {
    return Double.isFinite(number.doubleValue());
  }

  private static byte[] bytes(JsonNode result) throws JobFailure {
    try {
      return Json.MAPPER.writeValueAsBytes(result);
    } catch (JsonProcessingException e) {
      throw JobFailure.permanent(
              FailureCode.INVALID_RESULT.name(),
              "the result cannot be written as JSON: " + e.getOriginalMessage())
          .causedBy(e);
    }
  }

  private static JobFailure invalid(String message) {
    return JobFailure.permanent(FailureCode.INVALID_RESULT.name(), message);
  }
}
