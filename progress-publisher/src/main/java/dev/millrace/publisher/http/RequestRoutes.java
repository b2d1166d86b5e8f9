package dev.millrace.publisher.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.contracts.Command;
import dev.millrace.contracts.Completion;
import dev.millrace.contracts.DecisionKind;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.RejectionCode;
import dev.millrace.contracts.Status;
import dev.millrace.publisher.history.Cursor;
import dev.millrace.publisher.history.PostgresDatabase;
import dev.millrace.publisher.history.PostgresHistory;
import dev.millrace.publisher.sse.RequestKey;
import dev.millrace.publisher.sse.Waits;
import dev.millrace.runtime.BlobStore;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpStatus;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a caller asks about requests and jobs.
final class RequestRoutes {

  private static final Logger LOG = LoggerFactory.getLogger(RequestRoutes.class);
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9._:-]{1,128}");
  private static final Duration DECISION_PATIENCE = Duration.ofMillis(500);

  private final RequestViews views;
  private final PostgresHistory history;
  private final PostgresDatabase database;
  private final Commands commands;
  private final Waits waits;
  private final BlobStore blobs;

  RequestRoutes(
      RequestViews views,
      PostgresHistory history,
      PostgresDatabase database,
      Commands commands,
      Waits waits,
      BlobStore blobs) {
    this.views = views;
    this.history = history;
    this.database = database;
    this.commands = commands;
    this.waits = waits;
    this.blobs = blobs;
  }

  void get(Exchange exchange) {
    exchange.answerTagged(asked(exchange).json(true));
  }

  void list(Exchange exchange) {
    var query = ListQuery.parse(exchange.query(ListQuery.NAMES));
    byte[] key = database.cursorKey();
    var text = query.cursor();
    Cursor cursor =
        text == null
            ? null
            : Cursor.decode(text, query.filter(), key)
                .orElseThrow(() ->
                    Problem.badField(
                        RejectionCode.E_CURSOR,
                        "cursor",
                        "not a cursor of this list: take lastKey of its last page, with the"
                            + " same filters"));
    var page = history.list(query.filter(), cursor, query.limit());

    ObjectNode json = Json.MAPPER.createObjectNode();
    var items = json.putArray("items");
    page.items().forEach(row -> items.add(views.upToDate(RequestView.of(row)).json(false)));
    var last = page.last();
    json.put("lastKey", last == null ? null : last.encode(query.filter(), key));
    json.put("hasMore", last != null);
    exchange.answerTagged(json);
  }

  void cancel(Exchange exchange) {
    var asked = exchange.query("organizationId").get("organizationId");
    var id = requestId(exchange);
    var known = views.find(id, asked);
    var organization =
        asked != null ? asked : known.isEmpty() ? "" : views.one(id, null).key().organizationId();
    var before =
        known.stream().filter(view -> view.key().organizationId().equals(organization)).findFirst();

    var key = new RequestKey(organization, id);
    try (var word = waits.forCancel(key)) {
      var answer =
          commands.send(commandId ->
              new Command.Cancel(
                  commandId, null, organization.isEmpty() ? null : organization, id));
      var json = answer.json();
      json.put("requestId", id);
      if (!answer.done()) {
        exchange.answer(HttpStatus.ACCEPTED_202, json);
        return;
      }
      var decided =
          answer.found() > 0 ? word.within(DECISION_PATIENCE) : word.within(Duration.ZERO);
      boolean endedBefore =
          before.isPresent() && !before.get().open() && before.get().status() != Status.CANCELLED;
      boolean tooLate =
          decided.map(it -> it == DecisionKind.TOO_LATE).orElse(answer.found() == 0 && endedBefore);
      json.put("cancelled", !tooLate && answer.ok() && answer.found() > 0);
      json.put("tooLate", tooLate);
      exchange.answer(HttpStatus.OK_200, json);
    }
  }

  void result(Exchange exchange) throws JsonProcessingException {
    var view = asked(exchange);
    Completion completion = view.completion();
    if (completion == null || completion.status() != Status.COMPLETED) {
      throw Problem.notFound(
          "request '" + view.key().requestId() + "' has no result: it is " + view.status().id(),
          view.open()
              ? "Wait for it: GET /v1/events?request=" + view.key().requestId()
              : "GET /v1/requests/" + view.key().requestId() + " says why.");
    }
    byte[] bytes = bytes(completion);
    if (bytes == null) {
      throw Problem.of(
              HttpStatus.GONE_410, RejectionCode.E_NOT_FOUND, "the result is no longer kept")
          .next(
              "Submit it again with a new requestId and cache.mode refresh: it is computed again,"
                  + " and that answer is kept. The same requestId gets this completion again.");
    }
    var sha256 = completion.resultSha256();
    exchange.answerRange(
        Exchange.JSON, bytes, sha256 == null ? Etag.of(bytes) : Etag.quoted(sha256));
  }

  void job(Exchange exchange) {
    var _ = exchange.query();
    var id = exchange.parameter("jobId");
    var job = views.upToDate(id, history.job(id).orElse(null));
    if (job == null) {
      throw Problem.notFound(
          "no job '" + id + "' is known", "A job id looks like simulation:9f2c41d0a1b2c3d4:131.");
    }
    exchange.answerTagged(job);
  }

  private byte @Nullable [] bytes(Completion completion) throws JsonProcessingException {
    if (completion.result() != null && !completion.result().isNull()) {
      return Json.MAPPER.writeValueAsBytes(completion.result());
    }
    var ref = completion.resultRef();
    return ref == null ? null : large(ref);
  }

  private byte @Nullable [] large(String ref) {
    try {
      return blobs.get(ref).orElse(null);
    } catch (UncheckedIOException e) {
      LOG.warn("the blob store does not answer ref={}", ref, e);
      throw Problem.unavailable("the store of large results does not answer");
    }
  }

  private RequestView asked(Exchange exchange) {
    return views.one(requestId(exchange), exchange.query("organizationId").get("organizationId"));
  }

  static String requestId(Exchange exchange) {
    var id = exchange.parameter("id");
    if (!ID.matcher(id).matches()) {
      throw Problem.badField(
          RejectionCode.E_ID, "id", "a request id is 1 to 128 of A-Z a-z 0-9 . _ : -");
    }
    return id;
  }
}
