package dev.millrace.workers;

import dev.millrace.contracts.CloudEvents;
import dev.millrace.contracts.HeaderNames;
import dev.millrace.contracts.Job;
import dev.millrace.contracts.Outcome;
import dev.millrace.contracts.Progress;
import dev.millrace.contracts.Topics;
import dev.millrace.runtime.Sender;
import dev.millrace.workers.attempts.Reports;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/// Reports as records: outcomes to the job's own ledger partition, progress by job.
final class KafkaReports implements Reports {

  private final Sender sender;
  private final Topics topics;
  private final String source;

  KafkaReports(Sender sender, Topics topics, String workerId) {
    this.sender = sender;
    this.topics = topics;
    this.source = "/millrace/workers/" + workerId;
  }

  @Override
  public CompletableFuture<?> outcome(Job job, Outcome outcome) {
    var headers = headers(job);
    headers.put(HeaderNames.SCHEMA, topics.outcomes().schema());
    return sender.send(
        topics.outcomes(), job.partition(), job.requestHash().hex(), outcome, headers);
  }

  @Override
  public CompletableFuture<?> progress(Job job, Progress progress) {
    var headers = headers(job);
    headers.put(HeaderNames.SCHEMA, topics.progress().schema());
    headers.put(HeaderNames.TIER, job.tier().id());
    headers.put(HeaderNames.REQUEST_HASH, job.requestHash().hex());
    headers.put(HeaderNames.ATTEMPT, Integer.toString(job.attempt()));
    CloudEvents.put(
        headers,
        CloudEvents.PROGRESS,
        source,
        job.jobId().value(),
        job.jobId() + "/" + progress.runId() + "/" + progress.sequence(),
        progress.at(),
        progress.sequence());
    return sender.send(topics.progress(), null, job.jobId().value(), progress, headers);
  }

  private static Map<String, String> headers(Job job) {
    var headers = new LinkedHashMap<String, String>();
    headers.put(HeaderNames.CONTENT_TYPE, "application/json");
    headers.put(HeaderNames.JOB_ID, job.jobId().value());
    headers.put(HeaderNames.JOB_TYPE, job.type());
    if (job.traceparent() != null) {
      headers.put(HeaderNames.TRACEPARENT, job.traceparent());
    }
    return headers;
  }
}
