package dev.millrace.publisher.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.contracts.Completion;
import dev.millrace.contracts.HeaderNames;
import dev.millrace.contracts.JobId;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.RejectionCode;
import dev.millrace.contracts.Source;
import dev.millrace.contracts.Status;
import dev.millrace.contracts.Tier;
import dev.millrace.contracts.Topics;
import dev.millrace.publisher.history.HistoryUnavailableException;
import dev.millrace.publisher.history.PostgresHistory;
import dev.millrace.publisher.http.Submissions.Submission;
import dev.millrace.publisher.reads.Lookup;
import dev.millrace.publisher.sse.RequestKey;
import dev.millrace.publisher.sse.Waits;
import dev.millrace.runtime.reads.KnownAnswer;
import dev.millrace.runtime.reads.Question;
import dev.millrace.runtime.request.CheckedRequest;
import dev.millrace.runtime.request.Reading;
import dev.millrace.runtime.request.Rejection;
import dev.millrace.runtime.request.RequestReader;
import dev.millrace.runtime.request.StrictJson;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.jspecify.annotations.Nullable;

/// `POST /v1/requests`: checks as the intake will, then produces. The record decides everything;
/// the answer only says what became of it so far. Only what the ledger knows already may be
/// answered before it decides: the record then says by whose answer.
final class SubmitRoute {

  private static final Pattern WAIT =
      Pattern.compile("(?i)(?:^|[,;\\s])wait=(\\d{1,9})(?:$|[,;\\s])");

  private final HttpConfig config;
  private final RequestReader reader;
  private final Topics topics;
  private final Produce produce;
  private final PostgresHistory history;
  private final Submissions submissions;
  private final Waits waits;
  private final Lookup lookup;
  private final Ids ids;
  private final InstantSource clock;

  SubmitRoute(
      HttpConfig config,
      RequestReader reader,
      Topics topics,
      Produce produce,
      PostgresHistory history,
      Submissions submissions,
      Waits waits,
      Lookup lookup,
      Ids ids,
      InstantSource clock) {
    this.config = config;
    this.reader = reader;
    this.topics = topics;
    this.produce = produce;
    this.history = history;
    this.submissions = submissions;
    this.waits = waits;
    this.lookup = lookup;
    this.ids = ids;
    this.clock = clock;
  }

  void handle(Exchange exchange) {
    var _ = exchange.query();
    byte[] body = exchange.body(config.maxBodyBytes());
    submit(exchange, body, preferredWait(exchange.header("Prefer"), config.maxWait()))
        .ifPresent(completion -> exchange.answer(HttpStatus.OK_200, completion));
  }

  /// The completion of a request that a call makes on the way; when it does not come in time, the
  /// call is answered with where to ask for it.
  Optional<Completion> completion(Exchange exchange, byte[] request) {
    var wait = preferredWait(exchange.header("Prefer"), config.maxWait());
    return submit(exchange, request, wait.or(() -> Optional.of(config.maxWait())));
  }

  /// The completion, if it comes in time. If not, the call is answered.
  private Optional<Completion> submit(Exchange exchange, byte[] body, Optional<Duration> wait) {
    var request =
        switch (reader.read(body, Tier.FREE)) {
          case Reading.Accepted(var accepted) -> accepted;
          case Reading.Rejected(var rejection) -> throw Problem.of(rejection);
        };
    // Without authentication the body says the tier.
    var tier = request.askedTier() == null ? Tier.FREE : request.askedTier();
    var id = request.requestId() == null ? ids.next() : request.requestId();
    var key = RequestKey.of(request.organizationId(), id);
    if (conflicts(key, request)) {
      throw Problem.of(
              HttpStatus.CONFLICT_409,
              RejectionCode.E_CONFLICT,
              "request '" + id + "' was used for something else")
          .next("Choose another requestId, or leave it out to be given one.");
    }
    var submission =
        new Submission(key, request.requestHash(), request.type(), tier, clock.instant());
    var record = request.requestId() == null ? withId(body, id) : body;
    var location = location(key);
    exchange.with(HttpHeader.LOCATION, location);
    wait.ifPresent(time -> exchange.with("Preference-Applied", "wait=" + time.toSeconds()));

    var known = wait.flatMap(_ -> lookup.answer(Question.of(request)));
    if (known.isPresent()) {
      produce(submission, record, headers(exchange, known.get().jobId()));
      return Optional.of(cached(submission, request, known.get()));
    }
    try (var end = wait.isPresent() ? waits.forEnd(key, request.requestHash()) : null) {
      produce(submission, record, headers(exchange, null));
      if (end != null && wait.isPresent()) {
        var completion = end.within(wait.get());
        if (completion.isPresent()) {
          return completion;
        }
      }
      exchange.answer(HttpStatus.ACCEPTED_202, accepted(submission, location));
      return Optional.empty();
    }
  }

  private void produce(Submission submission, byte[] record, Map<String, String> headers) {
    var topic = topics.requests(submission.tier());
    produce.bytes(topic, submission.request().requestId(), record, headers);
    submissions.add(submission);
  }

  /// The request as it came, without white space around it, and the id it was given.
  ///
  /// @param body one JSON object that has fields, but no `requestId`
  /// @throws Problem when intake would refuse it as too long
  static byte[] withId(byte[] body, String id) {
    int brace = 0;
    while (body[brace] != '{') {
      brace++;
    }
    int end = body.length;
    while (body[end - 1] != '}') {
      end--;
    }
    var field = Exchange.utf8("\"requestId\":\"" + id + "\",");
    int length = end - brace + field.length;
    if (length > StrictJson.MAX_BYTES) {
      throw Problem.of(
          new Rejection(
              RejectionCode.E_SIZE,
              "the value and its request id have %d bytes: at most %d"
                  .formatted(length, StrictJson.MAX_BYTES),
              ""));
    }
    return ByteBuffer.allocate(length)
        .put((byte) '{')
        .put(field)
        .put(body, brace + 1, end - brace - 1)
        .array();
  }

  /// What the ledger will say of a request that was answered here.
  private static Completion cached(
      Submission submission, CheckedRequest request, KnownAnswer known) {
    return new Completion(
        Status.COMPLETED,
        Source.CACHED,
        submission.request().requestId(),
        request.organizationId(),
        request.userId(),
        known.jobId(),
        submission.hash(),
        submission.type(),
        submission.tier(),
        0,
        0,
        0,
        known.runMs(),
        known.result(),
        known.resultRef(),
        known.resultBytes(),
        known.resultSha256(),
        null,
        false,
        known.at());
  }

  private static ObjectNode accepted(Submission submission, String location) {
    var organizationId = submission.request().organizationId();
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.put("status", Status.QUEUED.id());
    json.put("requestId", submission.request().requestId());
    json.put("organizationId", organizationId.isEmpty() ? null : organizationId);
    json.put("type", submission.type());
    json.put("tier", submission.tier().id());
    json.put("requestHash", submission.hash().hex());
    json.put("url", location);
    return json;
  }

  /// As far as the history and this instance know.
  private boolean conflicts(RequestKey key, CheckedRequest request) {
    boolean here =
        submissions
            .find(key)
            .filter(known -> !known.hash().equals(request.requestHash()))
            .isPresent();
    if (here || request.requestId() == null) {
      return here;
    }
    try {
      return history.conflicts(request.organizationId(), key.requestId(), request.requestHash());
    } catch (HistoryUnavailableException _) {
      return false;
    }
  }

  /// @param answered the job whose answer is given here
  private static Map<String, String> headers(Exchange exchange, @Nullable JobId answered) {
    var headers = new HashMap<String, String>();
    var trace = exchange.header(HeaderNames.TRACEPARENT);
    if (trace != null) {
      headers.put(HeaderNames.TRACEPARENT, trace);
    }
    if (answered != null) {
      headers.put(HeaderNames.ANSWERED, answered.value());
    }
    return headers;
  }

  /// How long a caller wants to wait, at most `most`; empty when not at all.
  static Optional<Duration> preferredWait(@Nullable String prefer, Duration most) {
    if (prefer == null) {
      return Optional.empty();
    }
    var match = WAIT.matcher(prefer);
    if (!match.find()) {
      return Optional.empty();
    }
    long seconds = Math.min(Long.parseLong(match.group(1)), most.toSeconds());
    return seconds == 0 ? Optional.empty() : Optional.of(Duration.ofSeconds(seconds));
  }

  static String location(RequestKey key) {
    var path = "/v1/requests/" + encoded(key.requestId());
    return key.organizationId().isEmpty()
        ? path
        : path + "?organizationId=" + encoded(key.organizationId());
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
