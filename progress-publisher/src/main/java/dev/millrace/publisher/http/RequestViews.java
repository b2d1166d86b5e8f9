package dev.millrace.publisher.http;

import dev.millrace.contracts.RejectionCode;
import dev.millrace.publisher.history.HistoryUnavailableException;
import dev.millrace.publisher.history.JobRow;
import dev.millrace.publisher.history.PostgresHistory;
import dev.millrace.publisher.sse.LiveEvents;
import dev.millrace.publisher.sse.RequestKey;
import dev.millrace.publisher.sse.Snapshot;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// How requests stand by all that is known here: the history, and what happened since.
final class RequestViews {

  private final PostgresHistory history;
  private final LiveEvents live;
  private final Submissions submissions;

  RequestViews(PostgresHistory history, LiveEvents live, Submissions submissions) {
    this.history = history;
    this.live = live;
    this.submissions = submissions;
  }

  /// The requests of this id, the newest first. Without the history, what is known without it.
  ///
  /// @param organizationId null: of any organization; empty: of callers without one
  /// @throws HistoryUnavailableException when nothing is known and the history cannot be asked
  List<RequestView> find(String requestId, @Nullable String organizationId) {
    var views = new ArrayList<RequestView>();
    HistoryUnavailableException unavailable = null;
    try {
      history.find(requestId, organizationId).forEach(row -> views.add(RequestView.of(row)));
    } catch (HistoryUnavailableException e) {
      unavailable = e;
    }
    submissions.find(requestId, organizationId).stream()
        .filter(submission ->
            views.stream()
                .noneMatch(view ->
                    view.key().equals(submission.request())
                        && submission.hash().hex().equals(view.requestHash())))
        .forEach(submission -> views.addFirst(RequestView.of(submission)));
    if (views.isEmpty() && organizationId != null) {
      seenLately(new RequestKey(organizationId, requestId)).ifPresent(views::add);
    }
    if (views.isEmpty() && unavailable != null) {
      throw unavailable;
    }
    views.replaceAll(this::upToDate);
    return views;
  }

  /// The one request of this id.
  ///
  /// @throws Problem 404, or 409 when several organizations use the id
  RequestView one(String requestId, @Nullable String organizationId) {
    var views = find(requestId, organizationId);
    if (views.isEmpty()) {
      throw Problem.notFound(
          "no request '" + requestId + "' is known",
          "Ids are matched whole. A request is known a moment after it was produced; GET"
              + " /v1/requests lists what is.");
    }
    Set<RequestKey> keys = new LinkedHashSet<>();
    views.forEach(view -> keys.add(view.key()));
    if (keys.size() > 1) {
      throw Problem.of(
              409,
              RejectionCode.E_CONFLICT,
              "several organizations have a request '" + requestId + "'")
          .next("Add ?organizationId=, empty for requests without one.");
    }
    return views.getFirst();
  }

  /// How the newest request of each organization stands, for a stream.
  List<Snapshot> snapshots(String requestId, @Nullable String organizationId) {
    var seen = new LinkedHashSet<RequestKey>();
    return find(requestId, organizationId).stream()
        .filter(view -> seen.add(view.key()))
        .map(RequestView::snapshot)
        .toList();
  }

  RequestView upToDate(RequestView view) {
    if (!view.open()) {
      return view;
    }
    var end = live.endSnapshot(view.key());
    var completion = live.end(view.key());
    if (completion.isPresent() && completion.get().requestHash().hex().equals(view.requestHash())) {
      return view.ended(
          completion.get(),
          end.map(Snapshot::partition).orElse(null),
          end.map(Snapshot::offset).orElse(null));
    }
    var jobId = Optional.ofNullable(live.job(view.key())).orElse(view.jobId());
    if (jobId == null) {
      return view;
    }
    var known = Objects.equals(jobId, view.jobId()) ? view.job() : null;
    return view.of(jobId, upToDate(jobId, known));
  }

  @Nullable JobRow upToDate(String jobId, @Nullable JobRow known) {
    var progress = live.progress(jobId);
    if (progress.isEmpty()) {
      return known;
    }
    return known == null ? JobRow.of(progress.get()) : known.with(progress.get());
  }

  private Optional<RequestView> seenLately(RequestKey request) {
    return live.end(request)
        .map(end ->
            new RequestView(
                    request,
                    end.status(),
                    end.type(),
                    end.tier(),
                    null,
                    0,
                    end.requestHash().hex(),
                    end.userId(),
                    List.of(),
                    null,
                    null,
                    null,
                    null,
                    null,
                    null)
                .ended(end, null, null));
  }
}
