package dev.millrace.cache.ledger;

import dev.millrace.contracts.Alert;
import dev.millrace.contracts.CloudEvents;
import dev.millrace.contracts.Completion;
import dev.millrace.contracts.Control;
import dev.millrace.contracts.Decision;
import dev.millrace.contracts.Failure;
import dev.millrace.contracts.HeaderNames;
import dev.millrace.contracts.Job;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.Outcome;
import dev.millrace.contracts.Progress;
import dev.millrace.contracts.Receipt;
import dev.millrace.contracts.RejectionCode;
import dev.millrace.contracts.RetryDelay;
import dev.millrace.contracts.Setting;
import dev.millrace.contracts.Tier;
import dev.millrace.contracts.Topic;
import dev.millrace.contracts.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;

/// What the ledger sends: each kind of record to its topic, with its key and headers. A sink is
/// named after its topic.
public final class Outbox {

  /* Nothing here can be larger than its topic allows: params are at most 256 KiB, an inline result at
  most 512 KiB, messages are cut, and the rest is small. */

  private final ProcessorContext<byte[], byte[]> context;
  private final Topics topics;

  /// What the ledger calls itself as the source of events.
  private final String source;

  Outbox(ProcessorContext<byte[], byte[]> context, Topics topics) {
    this.context = context;
    this.topics = topics;
    this.source = "/millrace/cache-store/" + context.taskId().partition();
  }

  /// The topics a ledger writes to that are keyed by request hash.
  static List<Topic<?>> hashed(Topics topics) {
    var sinks = new ArrayList<Topic<?>>();
    for (var tier : Tier.values()) {
      sinks.add(topics.lane(tier));
    }
    sinks.add(topics.background());
    for (var delay : RetryDelay.values()) {
      sinks.add(topics.retry(delay));
    }
    sinks.add(topics.outcomes());
    sinks.add(topics.deadLetters());
    return sinks;
  }

  /// The other topics a ledger writes to.
  static List<Topic<?>> others(Topics topics) {
    return List.of(
        topics.decisions(),
        topics.completions(),
        topics.progress(),
        topics.control(),
        topics.receipts(),
        topics.settings(),
        topics.alerts(),
        topics.rejected());
  }

  void decision(Decision decision) {
    send(topics.decisions(), decision.requestId(), decision, new RecordHeaders());
  }

  void dispatch(Job job) {
    send(lane(job), job.requestHash().hex(), job, headers(job));
  }

  void delay(Job job, RetryDelay delay) {
    var headers = headers(job);
    HeaderNames.put(
        headers,
        HeaderNames.NOT_BEFORE,
        job.notBefore() == null ? null : Json.time(job.notBefore()));
    send(topics.retry(delay), job.requestHash().hex(), job, headers);
  }

  void bury(Job job, Failure failure) {
    var headers = headers(job);
    HeaderNames.put(headers, HeaderNames.ERROR_CODE, failure.code());
    HeaderNames.put(headers, HeaderNames.ERROR_MESSAGE, failure.message());
    HeaderNames.put(headers, HeaderNames.ERROR_TOPIC, lane(job).name());
    HeaderNames.put(headers, HeaderNames.ERROR_AT, Json.time(job.at()));
    send(topics.deadLetters(), job.requestHash().hex(), job, headers);
  }

  void completion(Completion completion) {
    var headers = new RecordHeaders();
    HeaderNames.put(headers, HeaderNames.TIER, completion.tier().id());
    HeaderNames.put(headers, HeaderNames.REQUEST_HASH, completion.requestHash().hex());
    var hash = completion.requestHash().prefix();
    CloudEvents.put(
        headers,
        CloudEvents.COMPLETION,
        source,
        completion.requestId(),
        completion.organizationId()
            + "/"
            + completion.requestId()
            + "/"
            + hash
            + (completion.repeat() ? "/repeat" : ""),
        completion.completedAt(),
        1);
    send(topics.completions(), completion.requestId(), completion, headers);
  }

  void progress(Progress progress) {
    var headers = new RecordHeaders();
    HeaderNames.put(headers, HeaderNames.TIER, progress.tier().id());
    HeaderNames.put(headers, HeaderNames.REQUEST_HASH, progress.requestHash().hex());
    CloudEvents.put(
        headers,
        CloudEvents.PROGRESS,
        source,
        progress.jobId().value(),
        progress.jobId() + "/end",
        progress.at(),
        progress.sequence());
    send(topics.progress(), progress.jobId().value(), progress, headers);
  }

  void control(Control control) {
    send(topics.control(), control.jobId().value(), control, new RecordHeaders());
  }

  void check(Outcome.Check check) {
    send(topics.outcomes(), check.requestHash().hex(), check, new RecordHeaders());
  }

  void receipt(Receipt receipt) {
    send(topics.receipts(), receipt.commandId(), receipt, new RecordHeaders());
  }

  void setting(Setting setting) {
    send(topics.settings(), setting.setting(), setting, new RecordHeaders());
  }

  void alert(Alert alert) {
    send(topics.alerts(), alert.alert(), alert, new RecordHeaders());
  }

  /// Puts a record nobody can use aside, as it came, with the reason.
  void reject(
      Record<byte[], byte[]> record,
      RecordMetadata at,
      RejectionCode code,
      String message,
      Instant now) {
    context.forward(rejected(record, at, code, message, now), topics.rejected().name());
  }

  /// A record nobody can use, as it stands on the rejected topic.
  public static Record<byte[], byte[]> rejected(
      Record<byte[], byte[]> record,
      RecordMetadata at,
      RejectionCode code,
      String message,
      Instant now) {
    var headers = new RecordHeaders(record.headers());
    for (var name :
        List.of(
            HeaderNames.ERROR_CODE,
            HeaderNames.ERROR_MESSAGE,
            HeaderNames.ERROR_TOPIC,
            HeaderNames.ERROR_PARTITION,
            HeaderNames.ERROR_OFFSET,
            HeaderNames.ERROR_AT)) {
      headers.remove(name);
    }
    HeaderNames.put(headers, HeaderNames.ERROR_CODE, code);
    HeaderNames.put(headers, HeaderNames.ERROR_MESSAGE, message);
    HeaderNames.put(headers, HeaderNames.ERROR_TOPIC, at.topic());
    HeaderNames.put(headers, HeaderNames.ERROR_PARTITION, at.partition());
    HeaderNames.put(headers, HeaderNames.ERROR_OFFSET, at.offset());
    HeaderNames.put(headers, HeaderNames.ERROR_AT, Json.time(now));
    return new Record<>(record.key(), record.value(), now.toEpochMilli(), headers);
  }

  private Topic<Job> lane(Job job) {
    boolean background = Boolean.TRUE.equals(job.background());
    return background ? topics.background() : topics.lane(job.tier());
  }

  private static Headers headers(Job job) {
    var headers = new RecordHeaders();
    HeaderNames.put(headers, HeaderNames.JOB_ID, job.jobId());
    HeaderNames.put(headers, HeaderNames.JOB_TYPE, job.type());
    HeaderNames.put(headers, HeaderNames.TIER, job.tier().id());
    HeaderNames.put(headers, HeaderNames.REQUEST_HASH, job.requestHash().hex());
    HeaderNames.put(headers, HeaderNames.ATTEMPT, job.attempt());
    HeaderNames.put(headers, HeaderNames.MAX_ATTEMPTS, job.maxAttempts());
    HeaderNames.put(headers, HeaderNames.TRACEPARENT, job.traceparent());
    return headers;
  }

  private <V> void send(Topic<V> topic, @Nullable String key, V value, Headers headers) {
    HeaderNames.put(headers, HeaderNames.CONTENT_TYPE, "application/json");
    HeaderNames.put(headers, HeaderNames.SCHEMA, topic.schema());
    var keyBytes = key == null ? null : key.getBytes(StandardCharsets.UTF_8);
    context.forward(
        new Record<>(keyBytes, topic.serde().write(value), context.currentSystemTimeMs(), headers),
        topic.name());
  }
}
