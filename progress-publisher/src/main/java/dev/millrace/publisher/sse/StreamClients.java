package dev.millrace.publisher.sse;

import dev.millrace.contracts.Topics;
import dev.millrace.runtime.KafkaClients;
import dev.millrace.runtime.Resources;
import dev.millrace.runtime.Threads;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.common.KafkaException;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Everybody who listens: lets them in, brings them up to date, keeps the connections alive, and
/// says good-bye.
public final class StreamClients implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(StreamClients.class);

  private final StreamConfig config;
  private final Resources resources;
  private final LiveEvents events = new LiveEvents();
  private final Waits waits = new Waits();
  private final LiveReader reader;
  private final CompletionReplay replay;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(Threads.platform("keep-alive"));
  private final ExecutorService catchUp =
      Executors.newThreadPerTaskExecutor(Threads.virtual("catch-up"));
  private final AtomicBoolean closed = new AtomicBoolean();

  /// How requests stand by all that is known.
  public interface Standings {
    List<Snapshot> of(String requestId, @Nullable String organizationId);
  }

  public StreamClients(
      StreamConfig config, KafkaClients clients, Topics topics, Resources resources) {
    this.config = config;
    this.resources = resources;
    this.replay = new CompletionReplay(clients, topics);
    this.reader =
        new LiveReader(
            clients.consumer(
                null,
                "millrace-publisher-live",
                Map.of("auto.offset.reset", "latest", "fetch.max.wait.ms", 100)),
            topics,
            List.of(events, waits));
  }

  /// Returns when it stands at the ends of the topics, so that nothing produced from now on is
  /// missed.
  public void start(Standings standings) {
    events.startAt(reader.start());
    var _ =
        timer.scheduleWithFixedDelay(
            () -> keepAlive(standings),
            config.keepAlive().toMillis(),
            config.keepAlive().toMillis(),
            TimeUnit.MILLISECONDS);
  }

  public LiveEvents events() {
    return events;
  }

  public Waits waits() {
    return waits;
  }

  public boolean reading() {
    return reader.reading();
  }

  public boolean full() {
    return events.size() >= config.most();
  }

  /// Answers a request with a stream. Headers and status are set already.
  ///
  /// @param seen what the listener had before, when it comes back
  public void open(
      Request request,
      Response response,
      Callback callback,
      Interest interest,
      @Nullable Positions seen,
      List<Snapshot> snapshots) {
    request.addIdleTimeoutListener(_ -> false);
    var stream =
        new EventStream(request, response, callback, resources.nanoTime(), events::unsubscribe);
    var _ = stream.sendMissed(Frame.retry(retryMillis()));
    LiveEvents.Subscription listener;
    Positions until;
    synchronized (events) {
      listener = events.subscribe(interest, stream);
      until = events.positions();
    }
    for (var requestId : interest.requestIds()) {
      refresh(listener, requestId, snapshots);
    }
    if (seen != null && interest.requestIds().isEmpty()) {
      catchUp.execute(() -> catchUp(listener, seen, until));
    } else {
      stream.release();
    }
  }

  private void refresh(
      LiveEvents.Subscription listener, String requestId, List<Snapshot> snapshots) {
    for (var snapshot : snapshots) {
      if (snapshot.request().requestId().equals(requestId)) {
        events.endSnapshot(snapshot.request()).ifPresent(end -> events.tell(listener, end));
        events.tell(listener, snapshot);
      }
    }
  }

  private void catchUp(LiveEvents.Subscription listener, Positions seen, Positions until) {
    try {
      replay.replay(listener, seen, until);
      listener.stream().release();
    } catch (KafkaException e) {
      LOG.info("a listener could not be brought up to date: {}", e.getMessage());
      listener.stream().cut("cannot replay");
    }
  }

  /// Keeps connections alive, closes those that take nothing, and looks again after every request
  /// somebody waits for, so that nobody waits for ever.
  private void keepAlive(Standings standings) {
    try {
      for (var listener : events.subscriptions()) {
        if (listener.stream().stalled().compareTo(config.stale()) > 0) {
          listener.stream().cut("stale");
        } else {
          listener.stream().send(Frame.KEEP_ALIVE);
          if (!listener.interest().requestIds().isEmpty()) {
            catchUp.execute(() -> lookAgain(listener, standings));
          }
        }
      }
    } catch (RuntimeException e) {
      LOG.error("keep-alive met a defect and goes on", e);
    }
  }

  private void lookAgain(LiveEvents.Subscription listener, Standings standings) {
    for (var requestId : listener.interest().requestIds()) {
      try {
        standings.of(requestId, listener.interest().organizationId()).stream()
            .filter(Snapshot::ended)
            .forEach(snapshot -> events.tell(listener, snapshot));
      } catch (RuntimeException e) {
        LOG.debug("cannot look again after request={}: {}", requestId, e.getMessage());
      }
    }
  }

  /// Spread, so that not everybody comes back at once.
  private long retryMillis() {
    return 1_000 + resources.random().nextLong(4_000);
  }

  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    timer.shutdownNow();
    for (var listener : events.subscriptions()) {
      listener.stream().send(Frame.bye(retryMillis()));
      listener.stream().end();
    }
    reader.close();
    awaitEnds(Duration.ofSeconds(2));
    for (var listener : events.subscriptions()) {
      listener.stream().cut("closing");
    }
    catchUp.shutdownNow();
  }

  private void awaitEnds(Duration patience) {
    long until = resources.nanoTime().getAsLong() + patience.toNanos();
    synchronized (events) {
      while (events.size() > 0 && resources.nanoTime().getAsLong() < until) {
        try {
          events.wait(50);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return;
        }
      }
    }
  }
}
