package dev.millrace.publisher.http;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import dev.millrace.contracts.RejectionCode;
import dev.millrace.publisher.history.HistoryUnavailableException;
import dev.millrace.runtime.Threads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executors;
import org.eclipse.jetty.compression.brotli.BrotliCompression;
import org.eclipse.jetty.compression.gzip.GzipCompression;
import org.eclipse.jetty.compression.server.CompressionConfig;
import org.eclipse.jetty.compression.server.CompressionHandler;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The HTTP server. Calls run on virtual threads and may block; streams are written without.
public final class HttpDoor implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(HttpDoor.class);
  private static final Duration IDLE = Duration.ofSeconds(60);
  private static final int THREADS = 32;
  private static final int BACKLOG = 4_096;

  private final Server server;
  private final ServerConnector connector;
  private final String host;

  private HttpDoor(Server server, ServerConnector connector, String host) {
    this.server = server;
    this.connector = connector;
    this.host = host;
  }

  /// Binds and serves.
  ///
  /// @throws IllegalArgumentException when the address is beyond loopback and that is not allowed
  /// @throws UncheckedIOException when the port is taken
  public static HttpDoor open(HttpConfig config, Routes routes) {
    boolean loopback = isLoopback(config.host());
    if (!loopback && !config.allowRemote()) {
      throw new IllegalArgumentException(
          "http.host "
              + config.host()
              + " can be reached from other machines, and the door asks nobody who they are: use"
              + " 127.0.0.1, or set http.allow.remote=true when something in front of it does");
    }
    var threads = new QueuedThreadPool(THREADS, 4);
    threads.setName("http");
    threads.setDaemon(true);
    threads.setVirtualThreadsExecutor(
        Executors.newThreadPerTaskExecutor(Threads.virtual("http-call")));
    var server = new Server(threads);

    var http = new HttpConfiguration();
    http.setSendServerVersion(false);
    http.setRequestHeaderSize(16 * 1024);
    var connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
    connector.setHost(config.host());
    connector.setPort(config.port());
    connector.setIdleTimeout(IDLE.toMillis());
    connector.setAcceptQueueSize(BACKLOG);
    server.addConnector(connector);

    server.setHandler(compressed(new Calls(routes.router(), new BrowserGuard(loopback))));
    server.setErrorHandler(HttpDoor::refusedByJetty);
    try {
      server.start();
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot listen on " + config.host() + ":" + config.port() + ": " + e.getMessage(), e);
    } catch (Exception e) {
      throw new IllegalStateException("cannot start the HTTP server", e);
    }
    var door = new HttpDoor(server, connector, config.host());
    LOG.info("listening address={}", door.address());
    return door;
  }

  public boolean serving() {
    return server.isStarted();
  }

  public int port() {
    return connector.getLocalPort();
  }

  public String address() {
    return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port();
  }

  @Override
  public void close() {
    try {
      server.stop();
    } catch (Exception e) {
      LOG.warn("HTTP server did not stop cleanly: {}", e.toString());
    }
  }

  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("http.host " + host + " is no address of this machine", e);
    }
  }

  private static CompressionHandler compressed(Handler handler) {
    var compression = new CompressionHandler(handler);
    var _ = compression.putCompression(new GzipCompression());
    if (Brotli4jLoader.isAvailable()) {
      var _ = compression.putCompression(new BrotliCompression());
    }
    var _ =
        compression.putConfiguration(
            "/*",
            CompressionConfig.builder()
                .defaults()
                .compressExcludeMimeType("text/event-stream")
                .compressExcludePath("^/v1/requests/[^/]+/result$")
                .build());
    return compression;
  }

  /// What Jetty refuses by itself, such as malformed HTTP, looks like every other problem.
  private static boolean refusedByJetty(Request request, Response response, Callback callback) {
    int status =
        request.getAttribute(ErrorHandler.ERROR_STATUS) instanceof Integer code ? code : 500;
    var message = request.getAttribute(ErrorHandler.ERROR_MESSAGE);
    new Exchange(request, response, callback, Map.of())
        .answer(Problem.ofStatus(status, message == null ? null : message.toString()));
    return true;
  }

  /// Finds the route of a call and turns what it throws into a problem.
  private static final class Calls extends Handler.Abstract {

    private final Router router;
    private final BrowserGuard guard;

    private Calls(Router router, BrowserGuard guard) {
      this.router = router;
      this.guard = guard;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
      response.getHeaders().put("X-Content-Type-Options", "nosniff");
      var bare = new Exchange(request, response, callback, Map.of());
      try {
        guard.check(request);
        switch (router.find(request.getMethod(), Request.getPathInContext(request))) {
          case Router.Match.Found(var route, var parameters) ->
              route.handler().handle(new Exchange(request, response, callback, parameters));
          case Router.Match.OtherMethods(var allowed) ->
              bare.with(HttpHeader.ALLOW, String.join(", ", allowed))
                  .answer(
                      Problem.ofStatus(
                          HttpStatus.METHOD_NOT_ALLOWED_405,
                          "this path takes " + String.join(", ", allowed)));
          case Router.Match.Nothing(var hint) ->
              bare.answer(
                  Problem.notFound("no such path" + hint, "GET /openapi.yaml lists all paths."));
        }
      } catch (Exception e) {
        answer(bare, e);
      }
      return true;
    }

    private static void answer(Exchange exchange, Exception e) {
      if (exchange.response().isCommitted()) {
        LOG.warn("a call failed after its answer had begun", e);
        exchange.callback().failed(e);
        return;
      }
      exchange.answer(
          switch (e) {
            case Problem problem -> problem;
            case HistoryUnavailableException gone ->
                Problem.unavailable(String.valueOf(gone.getMessage()));
            case HttpException refused -> Problem.ofStatus(refused.getCode(), refused.getReason());
            default -> {
              LOG.error("a call failed path={}", exchange.request().getHttpURI().getPath(), e);
              yield Problem.of(
                  HttpStatus.INTERNAL_SERVER_ERROR_500,
                  RejectionCode.E_INTERNAL,
                  "our own mistake; it is in the log");
            }
          });
    }
  }
}
