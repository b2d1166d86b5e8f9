package dev.millrace.cache.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.RejectionCode;
import dev.millrace.contracts.RequestHash;
import dev.millrace.runtime.reads.LedgerReader;
import dev.millrace.runtime.reads.LedgerUnavailableException;
import dev.millrace.runtime.reads.Question;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Answers reads over HTTP, for our own publishers:
///
/// | call | answers |
/// |---|---|
/// | `GET /internal/entries/{hash}?type=&mode=&ttlMs=&tag=…` | the answer that may be given now, or 404 |
/// | `GET /internal/entries/{hash}/state` | what the ledger holds of the hash, or 404 |
/// | `GET /internal/stats` | what the ledgers of this process hold and have done |
public final class ReadPort implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ReadPort.class);
  private static final String ENTRIES = "/internal/entries/";
  private static final String STATE = "/state";
  private static final String STATS = "/internal/stats";
  private static final int THREADS = 12;

  private final Server server;
  private final String address;

  private ReadPort(Server server, String address) {
    this.server = server;
    this.address = address;
  }

  /// Binds and serves.
  ///
  /// @param port 0: any free one
  /// @throws UncheckedIOException when the port is taken
  public static ReadPort open(String host, int port, LedgerReader ledgers) {
    var threads = new QueuedThreadPool(THREADS, 2);
    threads.setName("reads");
    threads.setDaemon(true);
    var server = new Server(threads);
    var http = new HttpConfiguration();
    http.setSendServerVersion(false);
    var connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
    connector.setHost(host);
    connector.setPort(port);
    server.addConnector(connector);
    server.setHandler(new Reads(ledgers));
    try {
      server.start();
    } catch (IOException e) {
      throw new UncheckedIOException(
          "the read port cannot listen on " + host + ":" + port + ": " + e.getMessage(), e);
    } catch (Exception e) {
      throw new IllegalStateException("cannot start the read port", e);
    }
    var name = host.contains(":") ? "[" + host + "]" : host;
    return new ReadPort(server, name + ":" + connector.getLocalPort());
  }

  /// `host:port`.
  public String address() {
    return address;
  }

  public String url() {
    return "http://" + address;
  }

  @Override
  public void close() {
    try {
      server.stop();
    } catch (Exception e) {
      LOG.warn("the read port did not stop cleanly: {}", e.toString());
    }
  }

  private static final class Reads extends Handler.Abstract {

    private final LedgerReader ledgers;

    private Reads(LedgerReader ledgers) {
      this.ledgers = ledgers;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
      var path = Request.getPathInContext(request);
      if (!request.getMethod().equals("GET")) {
        return false;
      }
      if (path.equals(STATS)) {
        answer(response, callback, HttpStatus.OK_200, "application/json", ledgers.stats());
        return true;
      }
      if (!path.startsWith(ENTRIES)) {
        return false;
      }
      try {
        Optional<?> found = find(request, path.substring(ENTRIES.length()));
        if (found.isPresent()) {
          answer(response, callback, HttpStatus.OK_200, "application/json", found.get());
        } else {
          refuse(
              response,
              callback,
              HttpStatus.NOT_FOUND_404,
              RejectionCode.E_NOT_FOUND,
              "nothing that may be given now");
        }
      } catch (LedgerUnavailableException e) {
        refuse(
            response,
            callback,
            HttpStatus.SERVICE_UNAVAILABLE_503,
            RejectionCode.E_UNAVAILABLE,
            String.valueOf(e.getMessage()));
      } catch (IllegalArgumentException e) {
        refuse(
            response,
            callback,
            HttpStatus.BAD_REQUEST_400,
            RejectionCode.E_SCHEMA,
            String.valueOf(e.getMessage()));
      }
      return true;
    }

    private Optional<?> find(Request request, String path) {
      if (path.endsWith(STATE)) {
        var hash = path.substring(0, path.length() - STATE.length());
        return ledgers.entry(RequestHash.of(hash));
      }
      return ledgers.answer(Question.parse(RequestHash.of(path), fields(request)));
    }

    private static Map<String, List<String>> fields(Request request) {
      var fields = new HashMap<String, List<String>>();
      Request.extractQueryParameters(request)
          .forEach(field -> fields.put(field.getName(), field.getValues()));
      return fields;
    }

    private static void refuse(
        Response response, Callback callback, int status, RejectionCode code, String detail) {
      var problem =
          Json.MAPPER
              .createObjectNode()
              .put("type", "about:blank")
              .put("title", HttpStatus.getMessage(status))
              .put("status", status)
              .put("detail", detail)
              .put("code", code.name())
              .put("next", "This port is for publishers: ask their door, GET /v1/cache/{hash}.");
      answer(response, callback, status, "application/problem+json", problem);
    }

    private static void answer(
        Response response, Callback callback, int status, String contentType, Object json) {
      byte[] body;
      try {
        body = Json.MAPPER.writeValueAsBytes(json);
      } catch (JsonProcessingException e) {
        throw new UncheckedIOException("cannot write an answer", e);
      }
      response.setStatus(status);
      response.getHeaders().put(HttpHeader.CONTENT_TYPE, contentType);
      response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
      response.write(true, ByteBuffer.wrap(body), callback);
    }
  }
}
