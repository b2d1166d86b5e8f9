package dev.millrace.cache.ledger;

import static dev.millrace.contracts.DecisionKind.HIT;
import static dev.millrace.contracts.DecisionKind.JOINED;
import static dev.millrace.contracts.DecisionKind.NOT_STORED;
import static dev.millrace.contracts.DecisionKind.STORED;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.cache.ledger.Entry.Answer;
import dev.millrace.contracts.Admitted;
import dev.millrace.contracts.Command.WarmUp.Warm;
import dev.millrace.contracts.JobId;
import dev.millrace.contracts.Receipt;
import dev.millrace.contracts.Source;
import org.jspecify.annotations.Nullable;

/// An answer is wanted before anybody asks: it is computed in the background, or taken as an
/// operator gives it. Nobody waits, so there is no completion.
final class WarmUps {

  private static final Receipt.WarmUp STARTED = new Receipt.WarmUp(1, 0, 0, 0);
  private static final Receipt.WarmUp STORED_AS_GIVEN = new Receipt.WarmUp(0, 1, 0, 0);
  private static final Receipt.WarmUp KNOWN = new Receipt.WarmUp(0, 0, 1, 0);
  private static final Receipt.WarmUp REFUSED = new Receipt.WarmUp(0, 0, 0, 1);

  private WarmUps() {}

  /// Has one answer computed or stored, where that is needed, and says what became of it.
  static Receipt.WarmUp take(Step step, Warm warm) {
    var result = warm.result();
    return result == null ? compute(step, warm.request()) : store(step, warm.request(), result);
  }

  private static Receipt.WarmUp compute(Step step, Admitted request) {
    var answer = good(step, request);
    var flight = step.entry().flight();
    if (answer != null) {
      step.decide(HIT)
          .type(request.type())
          .job(answer.jobId(), answer.epoch())
          .expires(answer.expiresAt())
          .because("warm");
      return KNOWN;
    }
    if (flight != null) {
      return join(step, flight, request);
    }
    Dispatches.inBackground(
        step, Admission.asked(request), request.tier(), request.params(), "warm-up");
    return STARTED;
  }

  private static Receipt.WarmUp join(Step step, Flight flight, Admitted request) {
    var asked = Admission.unite(flight.asked(), request);
    // A run from before the job was dispatched again may still end it.
    if (Ends.invalidatedSince(step, asked, flight.oldestGeneration())) {
      step.decide(NOT_STORED)
          .type(request.type())
          .because("a run from before the invalidation is in flight: warm up when it has ended");
      return REFUSED;
    }
    var wanted = flight.withAsked(asked).wantedInBackground();
    step.entry(step.entry().with(wanted));
    step.decide(JOINED).job(wanted, wanted.current()).because("warm-up");
    return KNOWN;
  }

  /// A given answer takes the place of any but a good one that was computed.
  private static Receipt.WarmUp store(Step step, Admitted request, JsonNode result) {
    var known = good(step, request);
    if (known != null && known.provenance() == null && known.failure() == null) {
      step.decide(NOT_STORED).type(request.type()).because("a computed answer is known");
      return KNOWN;
    }
    var inline = Ends.inline(result);
    String refusal = null;
    if (inline.bytes() > Ends.LARGEST_INLINE_BYTES) {
      refusal =
          "the given result has "
              + inline.bytes()
              + " bytes, and at most "
              + Ends.LARGEST_INLINE_BYTES
              + " are kept";
    } else if (!step.view().fits(Answers.bytes(inline.bytes()))) {
      refusal = Ends.LARGER_THAN_THE_CACHE;
    }
    if (refusal != null) {
      step.decide(NOT_STORED).type(request.type()).because(refusal);
      return REFUSED;
    }
    long epoch = step.nextEpoch();
    var jobId = JobId.of(request.type(), step.hash(), epoch);
    var ttlMs = Admission.ttlMs(request);
    var expiresAt = ttlMs == null ? null : step.now().plusMillis(ttlMs);
    step.decide(STORED).type(request.type()).job(jobId, epoch).expires(expiresAt).because("warmed");
    step.then(new Effect.PutResult(step.hash(), request.type(), result));
    Ends.store(
        step,
        new Answer(
            jobId,
            epoch,
            step.generation(),
            request.tags(),
            step.now(),
            expiresAt,
            0,
            0,
            null,
            Long.valueOf(inline.bytes()),
            inline.sha256(),
            null,
            Answer.WARMED,
            request.policy().staleMs(),
            null));
    return STORED_AS_GIVEN;
  }

  /// The answer at hand if whoever asks this would get it as fresh; a refresh wants another in any
  /// case.
  private static @Nullable Answer good(Step step, Admitted request) {
    var answer = step.entry().answer();
    return answer != null
            && Answers.hit(step, answer, request) == Source.CACHED
            && !step.view().missing(answer)
        ? answer
        : null;
  }
}
