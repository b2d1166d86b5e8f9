package dev.millrace.audit;

import static dev.millrace.audit.Invariant.I0;
import static dev.millrace.audit.Invariant.I1;
import static dev.millrace.audit.Invariant.I19;
import static dev.millrace.audit.Invariant.I5;
import static dev.millrace.audit.Invariant.I7;
import static dev.millrace.audit.Invariant.I9;

import dev.millrace.audit.Model.Request;
import dev.millrace.contracts.Completion;
import dev.millrace.contracts.DecisionKind;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.Source;
import dev.millrace.contracts.Status;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/// How requests ended: once each, as decided, with a result that was computed.
final class Ends {

  private final Facts facts;

  Ends(Facts facts) {
    this.facts = facts;
  }

  void take(ConsumerRecord<byte[], byte[]> record, Completion completion) {
    long place = facts.places.of(record.topic(), record.partition(), record.offset());
    facts.findings.checked(I19);
    if (record.key() == null
        || !completion.requestId().equals(new String(record.key(), StandardCharsets.UTF_8))) {
      facts.findings.broken(I19, place, "its key is not its request id");
    }
    var request =
        facts.requests.get(
            Id.request(
                completion.organizationId(), completion.requestId(), completion.requestHash()));
    if (request == null) {
      facts.lacks(I1, record.timestamp(), place, "the end of a request that nobody admitted");
      return;
    }
    checkResult(completion, record.timestamp(), place);
    var end = digest(completion);
    if (completion.repeat()) {
      if (!end.equals(request.end)) {
        facts.findings.broken(I1, place, "a repeat that differs from the end it repeats");
      }
      return;
    }
    request.ends++;
    if (request.ends > 1) {
      facts.findings.broken(I1, place, "end number " + request.ends + " of one request");
      return;
    }
    request.end = end;
    request.ended = completion.status();
    checkDecided(request, completion, record.timestamp(), place);
  }

  private static Id digest(Completion completion) {
    var error = completion.error();
    return Id.of(
        String.join(
            "\n",
            String.valueOf(completion.status()),
            String.valueOf(completion.source()),
            String.valueOf(completion.jobId()),
            Integer.toString(completion.attempts()),
            Json.time(completion.completedAt()),
            String.valueOf(completion.resultSha256()),
            error == null ? "-" : error.code() + error.message()));
  }

  /// The end must be the one that the decisions led to.
  private void checkDecided(Request request, Completion completion, long timestamp, long place) {
    facts.findings.checked(I9);
    if (request.expected == null) {
      facts.lacks(I9, timestamp, place, "nothing was decided that ends it");
    } else if (request.expected != completion.status()) {
      facts.findings.broken(I9, place, completion.status() + ", decided was " + request.expected);
    } else if (request.job != null
        && (completion.jobId() == null
            || facts.jobs.get(Id.of(completion.jobId().value())) != request.job)) {
      facts.findings.broken(I9, place, "the end of another job: " + completion.jobId());
    } else if (completion.status() == Status.COMPLETED && source(request) != completion.source()) {
      facts.findings.broken(I9, place, completion.source() + ", decided was " + source(request));
    }
  }

  private static Source source(Request request) {
    if (request.fate == DecisionKind.DISPATCHED) {
      return Source.COMPUTED;
    }
    if (request.fate == DecisionKind.JOINED) {
      return Source.JOINED;
    }
    return request.stale ? Source.STALE : Source.CACHED;
  }

  private void checkResult(Completion completion, long timestamp, long place) {
    if (completion.status() != Status.COMPLETED) {
      return;
    }
    var jobId = completion.jobId();
    var job = jobId == null ? null : facts.jobs.get(Id.of(jobId.value()));
    if (job == null) {
      facts.lacks(I7, timestamp, place, "completed by a job nobody dispatched: " + jobId);
      return;
    }
    if (!job.entry.hash.equals(Id.of(completion.requestHash()))) {
      facts.findings.broken(I7, place, "the result of another hash");
      return;
    }
    var served = Outcomes.digest(completion.result(), completion.resultSha256());
    if (served == null) {
      return;
    }
    facts.findings.checked(I7);
    var said = completion.resultSha256();
    if (job.result == null) {
      facts.lacks(I7, timestamp, place, "its job never succeeded: " + jobId);
    } else if (!served.equals(job.result)) {
      facts.findings.broken(I7, place, "not the result that " + jobId + " computed");
    } else if (said != null && !served.equals(Id.ofHex(said))) {
      facts.findings.broken(I7, place, "resultSha256 is not the digest of its result");
    }
  }

  void judge() {
    for (var request : facts.requests.values()) {
      if (facts.putAside.contains(request.place)) {
        continue;
      }
      facts.findings.checked(I1);
      if (request.fate == null) {
        undecided(request);
      } else if (request.ends == 0) {
        endless(request);
      }
      judgeCancel(request);
    }
  }

  private void undecided(Request request) {
    if (facts.passed(request.place) || facts.overdue(request.timestamp)) {
      facts.lacks(I0, request.timestamp, request.place, "admitted, but the ledger never took it");
    } else {
      facts.findings.open(I0, "admitted records that the ledger has not read yet");
    }
  }

  private void endless(Request request) {
    boolean inFlight = request.waits() && request.expected == null && request.cohort != null;
    if (inFlight && !facts.overdue(request.timestamp)) {
      facts.findings.open(I1, "requests that still wait for their job");
    } else {
      facts.lacks(I1, request.timestamp, request.place, "a request without an end");
    }
  }

  private void judgeCancel(Request request) {
    var cancel = request.cancel;
    boolean answered = cancel != null && cancel.answeredByAll();
    if (!answered && !request.cancelled && !request.tooLate) {
      return;
    }
    facts.findings.checked(I5);
    if (request.ended == Status.COMPLETED && request.cancelled) {
      facts.findings.broken(I5, request.place, "cancelled, and completed after all");
    } else if (request.ended == Status.COMPLETED && answered && !request.tooLate) {
      facts.findings.broken(
          I5, request.place, "completed although every partition has answered its cancel");
    } else if (request.ended == Status.CANCELLED && request.tooLate) {
      facts.findings.broken(I5, request.place, "cancelled, although it was too late");
    }
  }
}
