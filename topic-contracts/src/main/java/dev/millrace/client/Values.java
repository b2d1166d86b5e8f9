package dev.millrace.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.millrace.contracts.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// The key/value cache of one Millrace, over HTTP. Threads may share it; calls block, which is
/// cheap on a virtual thread.
///
/// ```java
/// try (var values = Values.at(URI.create("http://localhost:8080"))) {
///   var sessions = values.namespace("sessions", Session.class);
///   sessions.set(Keys.session("s-1"), new Session("usr_7"), Keep.DAY);
///   Optional<Kept<Session>> session = sessions.get(Keys.session("s-1"));
/// }
/// ```
public final class Values implements AutoCloseable {

  private static final Duration CONNECT = Duration.ofSeconds(3);
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final HttpClient http;
  private final URI server;
  private final Duration timeout;

  private Values(HttpClient http, URI server, Duration timeout) {
    this.http = http;
    this.server = server;
    this.timeout = timeout;
  }

  /// Values at a server, which has ten seconds for each answer.
  public static Values at(URI server) {
    return at(server, TIMEOUT);
  }

  /// Values at a server.
  ///
  /// @param server such as `http://localhost:8080`
  /// @param timeout how long an answer may take; a computation has the time it is waited for as
  ///   well, and what is sent again has as much again
  public static Values at(URI server, Duration timeout) {
    return new Values(HttpClient.newBuilder().connectTimeout(CONNECT).build(), server, timeout);
  }

  /// The values of a namespace, which are JSON of one class.
  public <V> Namespace<V> namespace(String name, Class<V> type) {
    return new Namespace<>(this, name, Json.MAPPER.readerFor(type));
  }

  /// The values of a namespace, which are JSON of one generic type.
  public <V> Namespace<V> namespace(String name, TypeReference<V> type) {
    return new Namespace<>(this, name, Json.MAPPER.readerFor(type));
  }

  /// Closes the connections once the calls under way have ended.
  @Override
  public void close() {
    http.close();
  }

  /// One call's answer: 2xx, and what it says.
  record Answer(int status, JsonNode json) {}

  /// Sends `body` and takes the answer. A call whose answer is lost is made once more: a command
  /// counts once by its id, and a computation is joined.
  ///
  /// @param wait how long the server is asked to wait for a computation; null: there is none
  /// @throws ValuesException when it is refused, or there is no answer
  Answer post(String path, JsonNode body, @Nullable Duration wait) {
    var request =
        HttpRequest.newBuilder(server.resolve(path))
            .timeout(wait == null ? timeout : timeout.plus(wait))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body.toString()));
    if (wait != null) {
      var _ = request.header("Prefer", "wait=" + Math.max(1, wait.toSeconds()));
    }
    try {
      var response = send(request.build());
      var json = json(response.body());
      if (response.statusCode() >= 300) {
        throw ValuesException.of(response.statusCode(), json);
      }
      return new Answer(response.statusCode(), json);
    } catch (IOException e) {
      throw ValuesException.unanswered("no answer from " + server + ": " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ValuesException.unanswered("interrupted while waiting for " + server, e);
    }
  }

  private HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
    try {
      var response = http.send(request, BodyHandlers.ofString());
      if (response.statusCode() != 503) {
        return response;
      }
    } catch (HttpTimeoutException e) {
      throw e;
    } catch (IOException _) {
      // The connection broke: whether the call arrived is not known.
    }
    return http.send(request, BodyHandlers.ofString());
  }

  /// What is no JSON, from something between us and the server, says nothing.
  private static JsonNode json(String body) {
    try {
      return Json.MAPPER.readTree(body);
    } catch (JsonProcessingException _) {
      return MissingNode.getInstance();
    }
  }
}
