package dev.millrace.publisher.http;

import dev.millrace.contracts.Topics;
import dev.millrace.publisher.explain.Explainer;
import dev.millrace.publisher.history.PostgresDatabase;
import dev.millrace.publisher.history.PostgresHistory;
import dev.millrace.publisher.history.PostgresQuestions;
import dev.millrace.publisher.reads.Lookup;
import dev.millrace.publisher.sse.Snapshot;
import dev.millrace.publisher.sse.StreamClients;
import dev.millrace.runtime.BlobStore;
import dev.millrace.runtime.Resources;
import dev.millrace.runtime.Sender;
import dev.millrace.runtime.SettingsTopic;
import dev.millrace.runtime.reads.LedgerReader;
import dev.millrace.runtime.request.RequestReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The whole surface of the door, in one table.
public final class Routes {

  private final Router router;
  private final RequestViews views;

  /// What the routes work with.
  ///
  /// @param kafka asks the cluster, for health
  public record Parts(
      HttpConfig config,
      Topics topics,
      RequestReader reader,
      Sender sender,
      SettingsTopic settings,
      PostgresDatabase database,
      BlobStore blobs,
      StreamClients streams,
      LedgerReader ledgers,
      Probe kafka,
      Resources resources) {}

  public Routes(Parts parts) {
    var config = parts.config();
    var clock = parts.resources().clock();
    var history = new PostgresHistory(parts.database());
    var submissions = new Submissions();
    var waits = parts.streams().waits();
    var ids = new Ids(clock, parts.resources().random());
    var produce = new Produce(parts.sender());
    var commands = new Commands(parts.topics(), produce, waits, ids);
    views = new RequestViews(history, parts.streams().events(), submissions);

    var lookup = new Lookup(parts.ledgers(), parts.resources());
    var submit =
        new SubmitRoute(
            config,
            parts.reader(),
            parts.topics(),
            produce,
            history,
            submissions,
            waits,
            lookup,
            ids,
            clock);
    var requests =
        new RequestRoutes(views, history, parts.database(), commands, waits, parts.blobs());
    var explain =
        new ExplainRoute(
            views,
            new Explainer(
                new PostgresQuestions(parts.database()), parts.reader(), parts.ledgers()));
    var events = new EventRoutes(parts.streams(), views);
    var operator = new OperatorRoutes(history, parts.settings(), commands, clock);
    var cache = new CacheRoutes(parts.ledgers(), lookup, commands, config.maxBodyBytes());
    var warmUp =
        new WarmUpRoute(
            parts.reader(),
            new PostgresQuestions(parts.database()),
            commands,
            parts.topics(),
            config.maxBodyBytes());
    var values =
        new ValueRoutes(
            new ValueCalls(parts.topics(), produce, waits, ids), submit, config.maxBodyBytes());
    var health =
        new HealthRoutes(
            parts.kafka(),
            parts.database()::ping,
            parts.streams()::reading,
            parts.resources().meters());

    router =
        table(submit::handle, requests, explain, events, operator, cache, warmUp, values, health);
  }

  /// Lambdas, not method references: the table can be looked at without anything behind it.
  static Router table(
      Router.Handler submit,
      RequestRoutes requests,
      ExplainRoute explain,
      EventRoutes events,
      OperatorRoutes operator,
      CacheRoutes cache,
      WarmUpRoute warmUp,
      ValueRoutes values,
      HealthRoutes health) {
    return new Router()
        .add("POST", "/v1/requests", submit)
        .add("GET", "/v1/requests", exchange -> requests.list(exchange))
        .add("GET", "/v1/requests/{id}", exchange -> requests.get(exchange))
        .add("DELETE", "/v1/requests/{id}", exchange -> requests.cancel(exchange))
        .add("GET", "/v1/requests/{id}/result", exchange -> requests.result(exchange))
        .add("GET", "/v1/requests/{id}/explain", exchange -> explain.handle(exchange))
        .add("GET", "/v1/jobs/{jobId}", exchange -> requests.job(exchange))
        .add("GET", "/v1/events", exchange -> events.open(exchange))
        .add("GET", "/v1/lanes", exchange -> operator.lanes(exchange))
        .add("POST", "/v1/lanes/{tier}/pause", exchange -> operator.pause(exchange))
        .add("POST", "/v1/lanes/{tier}/resume", exchange -> operator.resume(exchange))
        .add("GET", "/v1/cache/stats", exchange -> cache.stats(exchange))
        .add("GET", "/v1/cache/{hash}", exchange -> cache.entry(exchange))
        .add("POST", "/v1/cache/invalidate", exchange -> cache.invalidate(exchange))
        .add("POST", "/v1/cache/warm-up", exchange -> warmUp.handle(exchange))
        .add("POST", "/v1/values", exchange -> values.command(exchange))
        .add("GET", "/v1/values/{namespace}/{key}", exchange -> values.get(exchange))
        .add("PUT", "/v1/values/{namespace}/{key}", exchange -> values.set(exchange))
        .add("DELETE", "/v1/values/{namespace}/{key}", exchange -> values.delete(exchange))
        .add("POST", "/v1/values/{namespace}/{key}/compute", exchange -> values.compute(exchange))
        .add("GET", "/health/live", exchange -> health.live(exchange))
        .add("GET", "/health/ready", exchange -> health.ready(exchange))
        .add("GET", "/metrics", exchange -> health.metrics(exchange))
        .add("GET", "/openapi.yaml", file("/openapi.yaml", "application/yaml"))
        .add("GET", "/", file("/publisher/index.html", "text/html; charset=utf-8"));
  }

  Router router() {
    return router;
  }

  /// How the requests of an id stand, for streams.
  public List<Snapshot> standings(String requestId, @Nullable String organizationId) {
    return views.snapshots(requestId, organizationId);
  }

  private static Router.Handler file(String name, String contentType) {
    byte[] bytes;
    try (var in = Routes.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is missing in the jar");
      }
      bytes = in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return exchange ->
        exchange
            .with("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
            .answerTagged(contentType, bytes);
  }
}
