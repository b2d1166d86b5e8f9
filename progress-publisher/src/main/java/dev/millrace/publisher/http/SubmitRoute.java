package dev.millrace.publisher.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.contracts.HeaderNames;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.RejectionCode;
import dev.millrace.contracts.Status;
import dev.millrace.contracts.Tier;
import dev.millrace.contracts.Topics;
import dev.millrace.publisher.history.HistoryUnavailableException;
import dev.millrace.publisher.history.PostgresHistory;
import dev.millrace.publisher.http.Submissions.Submission;
import dev.millrace.publisher.sse.RequestKey;
import dev.millrace.publisher.sse.Waits;
import dev.millrace.runtime.request.CheckedRequest;
import dev.millrace.runtime.request.Reading;
import dev.millrace.runtime.request.RequestReader;
import java.io.IOException;
import java.net.URLEncoder;
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
/// the answer only says what became of it so far.
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
      Ids ids,
      InstantSource clock) {
    this.config = config;
    this.reader = reader;
    this.topics = topics;
    this.produce = produce;
    this.history = history;
    this.submissions = submissions;
    this.waits = waits;
    this.ids = ids;
    this.clock = clock;
  }

  void handle(Exchange exchange) throws IOException {
    var _ = exchange.query();
    byte[] body = exchange.body(config.maxBodyBytes());
    var wait = preferredWait(exchange.header("Prefer"), config.maxWait());
    var tier = tierOf(body);
    CheckedRequest request =
        switch (reader.read(body, tier)) {
          case Reading.Accepted(var accepted) -> accepted;
          case Reading.Rejected(var rejection) -> throw Problem.of(rejection);
        };
    var id = request.requestId() == null ? ids.next() : request.requestId();
    var key = RequestKey.of(request.organizationId(), id);
    if (conflicts(key, request)) {
      throw Problem.of(
              HttpStatus.CONFLICT_409,
              RejectionCode.E_CONFLICT,
              "request '" + id + "' was used for something else")
          .next("Choose another requestId, or leave it out to be given one.");
    }

    try (var end = wait.isPresent() ? waits.forEnd(key, request.requestHash()) : null) {
      var node = (ObjectNode) Json.MAPPER.readTree(body);
      node.put("requestId", id);
      produce.record(topics.requests(tier), id, (JsonNode) node, headers(exchange));
      submissions.add(
          new Submission(key, request.requestHash(), request.type(), tier, clock.instant()));

      var location = location(key);
      exchange.with(HttpHeader.LOCATION, location);
      wait.ifPresent(time -> exchange.with("Preference-Applied", "wait=" + time.toSeconds()));
      if (end != null && wait.isPresent()) {
        var completion = end.within(wait.get());
        if (completion.isPresent()) {
          exchange.answer(HttpStatus.OK_200, completion.get());
          return;
        }
      }
      exchange.answer(HttpStatus.ACCEPTED_202, accepted(key, request, location));
    }
  }

  private static ObjectNode accepted(RequestKey key, CheckedRequest request, String location) {
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.put("status", Status.QUEUED.id());
    json.put("requestId", key.requestId());
    json.put("organizationId", request.organizationId());
    json.put("type", request.type());
    json.put("tier", request.tier().id());
    json.put("requestHash", request.requestHash().hex());
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

  private static Map<String, String> headers(Exchange exchange) {
    var headers = new HashMap<String, String>();
    var trace = exchange.header(HeaderNames.TRACEPARENT);
    if (trace != null) {
      headers.put(HeaderNames.TRACEPARENT, trace);
    }
    return headers;
  }

  /// Without authentication the body says the tier. What cannot be read is left to the reader,
  /// which gives the precise reason.
  static Tier tierOf(byte[] body) {
    try {
      JsonNode tree = Json.MAPPER.readTree(body);
      var tier = tree == null ? null : tree.get("tier");
      return tier == null || !tier.isTextual()
          ? Tier.FREE
          : Tier.find(tier.textValue()).orElse(Tier.FREE);
    } catch (IOException _) {
      return Tier.FREE;
    }
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
