package dev.millrace.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.contracts.Json;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;

/// The HTTP door as this command line uses it.
final class HttpApi implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final URI base;
  private final HttpClient client =
      HttpClient.newBuilder()
          .connectTimeout(Duration.ofSeconds(5))
          .version(HttpClient.Version.HTTP_1_1)
          .build();

  HttpApi(URI base) {
    this.base = base;
  }

  /// An answer with its status.
  record Answer(int status, ByteBuffer body, String date) {

    byte[] bytes() {
      var bytes = new byte[body.remaining()];
      body.duplicate().get(bytes);
      return bytes;
    }

    String text() {
      return StandardCharsets.UTF_8.decode(body.duplicate()).toString();
    }

    JsonNode json() {
      try {
        return Json.MAPPER.readTree(bytes());
      } catch (IOException e) {
        throw new CliException(ExitCode.FAILED, "The API answered something that is not JSON.");
      }
    }
  }

  /// Reads JSON.
  ///
  /// @throws CliException 3 when there is no such thing, 5 when nobody answers
  JsonNode get(String path, Map<String, String> query) {
    return ok(send("GET", path(path, query)), path).json();
  }

  Answer download(String path) {
    return ok(send("GET", path), path);
  }

  /// Sends JSON.
  ///
  /// @throws CliException 5 when nobody answers, 1 when it is refused
  Answer post(String path, JsonNode body) {
    return ok(send("POST", path, BodyPublishers.ofString(body.toString())), path);
  }

  /// Whatever the answer is.
  Answer ask(String path) {
    return send("GET", path);
  }

  static String segment(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  @Override
  public void close() {
    client.shutdownNow();
    client.close();
  }

  private static String path(String path, Map<String, String> query) {
    return query.isEmpty()
        ? path
        : path
            + query.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + segment(entry.getValue()))
                .collect(Collectors.joining("&", "?", ""));
  }

  private Answer send(String method, String path) {
    return send(method, path, BodyPublishers.noBody());
  }

  private Answer send(String method, String path, BodyPublisher body) {
    var request =
        HttpRequest.newBuilder(base.resolve(path))
            .timeout(PATIENCE)
            .header("Content-Type", "application/json")
            .method(method, body)
            .build();
    try {
      HttpResponse<byte[]> response = client.send(request, BodyHandlers.ofByteArray());
      return new Answer(
          response.statusCode(),
          ByteBuffer.wrap(response.body()).asReadOnlyBuffer(),
          response.headers().firstValue("date").orElse(""));
    } catch (IOException e) {
      throw CliException.unreachable(
          "Cannot reach the API at " + base + "; start it with ./millrace up, or give --url.");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CliException(ExitCode.INTERRUPTED, "Interrupted.");
    }
  }

  private static Answer ok(Answer answer, String path) {
    if (answer.status() < 300) {
      return answer;
    }
    var message = problem(answer);
    if (answer.status() == 404) {
      throw CliException.notFound(message.isEmpty() ? "Nothing at " + path + "." : message);
    }
    throw new CliException(
        answer.status() == 503 ? ExitCode.UNREACHABLE : ExitCode.FAILED,
        "The API refused %s with %d%s"
            .formatted(path, answer.status(), message.isEmpty() ? "." : ": " + message));
  }

  private static String problem(Answer answer) {
    try {
      var problem = Json.MAPPER.readTree(answer.text());
      var said = problem.path("detail").asText(problem.path("title").asText(""));
      var field = problem.path("field").asText("");
      var detail = field.isEmpty() ? said : field + ": " + said;
      var next = problem.path("next").asText("");
      return next.isEmpty() ? detail : detail + System.lineSeparator() + next;
    } catch (JsonProcessingException _) {
      return "";
    }
  }
}
