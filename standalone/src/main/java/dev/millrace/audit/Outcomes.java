package dev.millrace.audit;

import static dev.millrace.audit.Invariant.I19;
import static dev.millrace.audit.Invariant.I4;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.audit.Model.Said;
import dev.millrace.audit.Model.Told;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.Outcome;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/// What workers and the relay said: each such word must meet one decision, if only that it came too
/// late.
final class Outcomes {

  private final Facts facts;

  Outcomes(Facts facts) {
    this.facts = facts;
  }

  void take(ConsumerRecord<byte[], byte[]> record, Outcome outcome) {
    long place = facts.places.of(record.topic(), record.partition(), record.offset());
    facts.findings.checked(I19);
    int home = outcome.requestHash().partition(facts.scene.partitions());
    if (home != record.partition() && !facts.putAside.contains(place)) {
      facts.findings.broken(I19, place, "its hash belongs to partition " + home);
    }
    var told = told(outcome, record.timestamp());
    if (told != null) {
      facts.outcomes.put(place, told);
    }
  }

  private static @Nullable Told told(Outcome outcome, long timestamp) {
    return switch (outcome) {
      case Outcome.Started started ->
          told(Said.STARTED, outcome, started.runId(), false, null, false, timestamp);
      case Outcome.Succeeded succeeded ->
          told(
              Said.SUCCEEDED,
              outcome,
              succeeded.runId(),
              false,
              digest(succeeded.result(), succeeded.resultSha256()),
              succeeded.resultRef() != null,
              timestamp);
      case Outcome.Failed failed ->
          told(
              Said.FAILED,
              outcome,
              failed.runId(),
              failed.error().retryable(),
              null,
              false,
              timestamp);
      case Outcome.Cancelled cancelled ->
          told(Said.CANCELLED, outcome, cancelled.runId(), false, null, false, timestamp);
      case Outcome.Declined declined ->
          told(Said.DECLINED, outcome, declined.runId(), false, null, false, timestamp);
      case Outcome.Due _ -> told(Said.DUE, outcome, null, false, null, false, timestamp);
      case Outcome.Heartbeat _, Outcome.Check _ -> null;
    };
  }

  private static Told told(
      Said said,
      Outcome outcome,
      @Nullable String runId,
      boolean retryable,
      @Nullable Id result,
      boolean byReference,
      long timestamp) {
    return new Told(
        said,
        Id.of(outcome.jobId().value()),
        outcome.epoch(),
        runId == null ? null : Id.of(runId),
        retryable,
        result,
        byReference,
        timestamp);
  }

  /// The digest of a result, wherever it lies; null when there is neither result nor digest.
  static @Nullable Id digest(@Nullable JsonNode result, @Nullable String sha256) {
    if (result == null || result.isNull()) {
      return sha256 == null ? null : Id.ofHex(sha256);
    }
    try {
      return Id.of(Json.MAPPER.writeValueAsBytes(result));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a result that was read cannot be written", e);
    }
  }

  /// What is left is what no decision answered.
  void judge() {
    facts.outcomes.forEach((place, told) -> {
      if (told.said == Said.STARTED || told.said == Said.DUE || facts.putAside.contains(place)) {
        return;
      }
      if (facts.passed(place) || facts.overdue(told.timestamp)) {
        facts.lacks(
            I4, told.timestamp, place, "nothing was decided about it, not even STALE_OUTCOME");
      } else {
        facts.findings.open(I4, "outcomes that the ledger has not read yet");
      }
    });
  }
}
