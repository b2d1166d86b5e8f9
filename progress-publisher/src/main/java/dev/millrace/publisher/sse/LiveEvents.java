package dev.millrace.publisher.sse;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.contracts.Alert;
import dev.millrace.contracts.Completion;
import dev.millrace.contracts.Decision;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.Progress;
import dev.millrace.contracts.Status;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Who listens to what, and what they are told.
///
/// A listener of a request hears the progress of the job that request waits for, and its end, after
/// which the stream is over. A listener of an organization, or of everything, goes on.
public final class LiveEvents implements LiveListener {

  /* All state is under this object's monitor. Telling a listener only queues a frame, so nothing in
   * here waits for anybody. */

  private final Map<EventStream, Subscription> all = new LinkedHashMap<>();
  private final Map<String, Set<Subscription>> byRequest = new HashMap<>();
  private final Map<String, Set<Subscription>> byJob = new HashMap<>();
  private final Set<Subscription> broad = new LinkedHashSet<>();
  private final Recent recent = new Recent();
  private final Map<Integer, Long> positions = new HashMap<>();

  /// One listener.
  static final class Subscription {
    private final Interest interest;
    private final EventStream stream;
    private final Set<String> waitingFor;
    private final Set<RequestKey> ended = new LinkedHashSet<>();
    private final Map<String, Set<String>> requestsOfJob = new HashMap<>();

    private Subscription(Interest interest, EventStream stream) {
      this.interest = interest;
      this.stream = stream;
      this.waitingFor = new TreeSet<>(interest.requestIds());
    }

    Interest interest() {
      return interest;
    }

    EventStream stream() {
      return stream;
    }

    private boolean single() {
      return !interest.requestIds().isEmpty();
    }
  }

  /// Where the live reader begins.
  synchronized void startAt(Positions start) {
    positions.putAll(start.next());
  }

  synchronized Positions positions() {
    return new Positions(positions);
  }

  synchronized Subscription subscribe(Interest interest, EventStream stream) {
    var subscription = new Subscription(interest, stream);
    all.put(stream, subscription);
    if (!subscription.single()) {
      broad.add(subscription);
    }
    for (var request : interest.requestIds()) {
      byRequest.computeIfAbsent(request, _ -> new LinkedHashSet<>()).add(subscription);
    }
    return subscription;
  }

  synchronized void unsubscribe(EventStream stream) {
    var subscription = all.remove(stream);
    if (subscription != null) {
      broad.remove(subscription);
      subscription.interest.requestIds().forEach(it -> remove(byRequest, it, subscription));
      subscription.requestsOfJob.keySet().forEach(it -> remove(byJob, it, subscription));
    }
  }

  synchronized List<Subscription> subscriptions() {
    return List.copyOf(all.values());
  }

  public synchronized int size() {
    return all.size();
  }

  /// The end of a request, when it was seen lately.
  public Optional<Completion> end(RequestKey request) {
    return recent.end(request).map(Recent.End::completion);
  }

  /// The end of a request as a listener is told of it, when it was seen lately.
  public Optional<Snapshot> endSnapshot(RequestKey request) {
    return recent.end(request).map(end -> snapshot(request, end));
  }

  private static Snapshot snapshot(RequestKey request, Recent.End end) {
    var completion = end.completion();
    var job = completion.jobId();
    return new Snapshot(
        request,
        completion.status(),
        job == null ? null : job.value(),
        completion,
        end.partition(),
        end.offset());
  }

  /// The job a request waits for, when that was decided lately.
  public @Nullable String job(RequestKey request) {
    return recent.job(request);
  }

  /// The latest progress of a job, when there was any lately.
  public Optional<Progress> progress(String job) {
    return recent.progress(job);
  }

  /// Tells a new listener, or one that may have missed something, how a request stands.
  synchronized void tell(Subscription subscription, Snapshot snapshot) {
    if (snapshot.ended()) {
      end(subscription, snapshot.request(), snapshot.status(), snapshot.data(), true);
      return;
    }
    if (!subscription.waitingFor.contains(snapshot.request().requestId())) {
      return;
    }
    var requestId = snapshot.request().requestId();
    var _ =
        subscription.stream.sendMissed(Frame.passing(Frame.PROGRESS, requestId, snapshot.data()));
    var job = snapshot.jobId();
    if (job != null) {
      attach(subscription, job, requestId);
    }
  }

  @Override
  public synchronized void decided(Decision decision) {
    var requestId = decision.requestId();
    var job = decision.jobId();
    if (requestId == null || job == null) {
      return;
    }
    switch (decision.decision()) {
      case DISPATCHED, JOINED -> {
        var request = RequestKey.of(decision.organizationId(), requestId);
        recent.decided(request, decision);
        for (var subscription : listeners(byRequest, requestId)) {
          if (subscription.interest.covers(request)
              && subscription.waitingFor.contains(requestId)) {
            attach(subscription, job.value(), requestId);
          }
        }
      }
      default -> {}
    }
  }

  @Override
  public synchronized void progressed(Progress progress) {
    if (!recent.progressed(progress)) {
      return;
    }
    var job = progress.jobId().value();
    for (var subscription : listeners(byJob, job)) {
      subscription.stream.send(frame(subscription, progress));
    }
    if (broad.isEmpty()) {
      return;
    }
    var shared = Frame.passing(Frame.PROGRESS, job, progress);
    for (var subscription : List.copyOf(broad)) {
      var organization = subscription.interest.organizationId();
      if (organization == null || recent.concerns(job, organization)) {
        subscription.stream.send(shared);
      }
    }
  }

  @Override
  public synchronized void ended(Completion completion, int partition, long offset, int bytes) {
    positions.put(partition, offset + 1);
    var request = RequestKey.of(completion.organizationId(), completion.requestId());
    recent.ended(request, new Recent.End(completion, partition, offset, bytes));
    for (var subscription : listeners(byRequest, completion.requestId())) {
      end(subscription, request, completion.status(), completion, false);
    }
    for (var subscription : List.copyOf(broad)) {
      end(subscription, request, completion.status(), completion, false);
    }
  }

  @Override
  public synchronized void alerted(Alert alert) {
    var frame = Frame.durable(Frame.ALERT, null, alert);
    for (var subscription : List.copyOf(all.values())) {
      subscription.stream.send(frame);
    }
  }

  /// A frame about an end, for a listener whose stream may go on from `id`.
  static Frame endFrame(Status status, @Nullable String id, Object data) {
    return Frame.durable(status == Status.COMPLETED ? Frame.COMPLETE : Frame.FAILED, id, data);
  }

  private void end(
      Subscription subscription,
      RequestKey request,
      Status status,
      Object data,
      boolean beforeOthers) {
    if (!subscription.interest.covers(request)) {
      return;
    }
    if (subscription.single() && !subscription.ended.add(request)) {
      return;
    }
    var frame = endFrame(status, new Positions(positions).encode(), data);
    if (beforeOthers) {
      var _ = subscription.stream.sendMissed(frame);
    } else {
      subscription.stream.send(frame);
    }
    if (subscription.single()) {
      subscription.waitingFor.remove(request.requestId());
      if (subscription.waitingFor.isEmpty()) {
        subscription.stream.end();
      }
    }
  }

  private void attach(Subscription subscription, String job, String requestId) {
    boolean isNew =
        subscription.requestsOfJob.computeIfAbsent(job, _ -> new TreeSet<>()).add(requestId);
    byJob.computeIfAbsent(job, _ -> new LinkedHashSet<>()).add(subscription);
    if (isNew) {
      recent
          .progress(job)
          .ifPresent(progress -> subscription.stream.send(frame(subscription, progress)));
    }
  }

  private static Frame frame(Subscription subscription, Progress progress) {
    var job = progress.jobId().value();
    ObjectNode data = Json.MAPPER.valueToTree(progress);
    var requests = data.putArray("requestIds");
    subscription.requestsOfJob.getOrDefault(job, Set.of()).forEach(requests::add);
    return Frame.passing(Frame.PROGRESS, job, data);
  }

  private static Collection<Subscription> listeners(
      Map<String, Set<Subscription>> index, String key) {
    var found = index.get(key);
    return found == null ? List.of() : new ArrayList<>(found);
  }

  private static void remove(
      Map<String, Set<Subscription>> index, String key, Subscription subscription) {
    var _ =
        index.computeIfPresent(
            key,
            (_, found) -> {
              found.remove(subscription);
              return found.isEmpty() ? null : found;
            });
  }
}
