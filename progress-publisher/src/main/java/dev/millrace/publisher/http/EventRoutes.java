package dev.millrace.publisher.http;

import dev.millrace.contracts.RejectionCode;
import dev.millrace.publisher.history.HistoryUnavailableException;
import dev.millrace.publisher.sse.Interest;
import dev.millrace.publisher.sse.Positions;
import dev.millrace.publisher.sse.Snapshot;
import dev.millrace.publisher.sse.StreamClients;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.jspecify.annotations.Nullable;

/// `GET /v1/events`: opens a stream of server-sent events.
final class EventRoutes {

  private static final int MOST_REQUESTS = 100;

  private final StreamClients streams;
  private final RequestViews views;

  EventRoutes(StreamClients streams, RequestViews views) {
    this.streams = streams;
    this.views = views;
  }

  void open(Exchange exchange) {
    var query = exchange.queryOfMany("request", "organizationId");
    var requests = query.getOrDefault("request", Set.of());
    var organizations = query.getOrDefault("organizationId", Set.of());
    if (requests.size() > MOST_REQUESTS || organizations.size() > 1) {
      throw Problem.badField(
          RejectionCode.E_SCHEMA,
          requests.size() > MOST_REQUESTS ? "request" : "organizationId",
          "expected at most " + MOST_REQUESTS + " requests of one organization");
    }
    if (streams.full()) {
      throw Problem.of(
              HttpStatus.TOO_MANY_REQUESTS_429, RejectionCode.E_RATE, "too many open streams")
          .next("Close streams you do not read, or name several requests in one.");
    }
    var organization = organizations.isEmpty() ? null : organizations.iterator().next();
    var seen = seen(exchange.header("Last-Event-ID"));
    var snapshots = snapshots(requests, organization);
    if (seen != null && hadEverything(requests, snapshots, seen)) {
      exchange.noContent();
      return;
    }
    exchange
        .with(HttpHeader.CONTENT_TYPE, "text/event-stream")
        .with(HttpHeader.CACHE_CONTROL, "no-store")
        .with("X-Accel-Buffering", "no")
        .response()
        .setStatus(HttpStatus.OK_200);
    streams.open(
        exchange.request(),
        exchange.response(),
        exchange.callback(),
        new Interest(requests, organization),
        seen,
        snapshots);
  }

  private List<Snapshot> snapshots(Set<String> requests, @Nullable String organization) {
    var snapshots = new ArrayList<Snapshot>();
    for (var request : requests) {
      try {
        snapshots.addAll(views.snapshots(request, organization));
      } catch (HistoryUnavailableException _) {
        // The stream goes on without; its keep-alive looks again.
      }
    }
    return snapshots;
  }

  /// A position that is not ours is no reason to refuse: the snapshot says how things stand.
  private static @Nullable Positions seen(@Nullable String lastEventId) {
    return lastEventId == null ? null : Positions.decode(lastEventId).orElse(null);
  }

  /// Whoever comes back for requests whose ends it had already is told to stay away (204): an
  /// `EventSource` would else connect for ever.
  private static boolean hadEverything(
      Set<String> requests, List<Snapshot> snapshots, Positions seen) {
    return !requests.isEmpty()
        && requests.stream()
            .allMatch(request ->
                snapshots.stream()
                    .filter(it -> it.request().requestId().equals(request))
                    .anyMatch(it -> it.ended() && it.seenIn(seen)));
  }
}
