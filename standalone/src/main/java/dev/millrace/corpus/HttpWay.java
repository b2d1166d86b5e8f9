package dev.millrace.corpus;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.contracts.Json;
import dev.millrace.corpus.Expected.Outcome;
import dev.millrace.corpus.Watch.Asked;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Inputs as calls of the HTTP door.
final class HttpWay implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Pattern STATUS_LINE = Pattern.compile("HTTP/1\\.1 (\\d{3})[^\\r\\n]*");

  private final URI base;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  HttpWay(URI base) {
    this.base = base;
  }

  Got send(Case input) throws InterruptedException {
    try {
      return input.raw() ? raw(input) : post(input);
    } catch (IOException e) {
      return Got.unexpected("no answer: " + e);
    }
  }

  /// What the product says of itself: it must stay ready.
  boolean ready() throws InterruptedException {
    try {
      var call = HttpRequest.newBuilder(base.resolve("/health/ready")).timeout(PATIENCE).build();
      return client.send(call, BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException _) {
      return false;
    }
  }

  private Got post(Case input) throws IOException, InterruptedException {
    var value = input.value();
    var call =
        HttpRequest.newBuilder(base.resolve("/v1/requests"))
            .timeout(PATIENCE)
            .header("Content-Type", "application/json")
            .POST(value == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(value))
            .build();
    var answer = client.send(call, BodyHandlers.ofString());
    return judge(input.expected(), answer.statusCode(), answer.body());
  }

  /// Sends a whole request as it stands in the file, and reads the beginning of the answer.
  private Got raw(Case input) throws IOException {
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress(base.getHost(), base.getPort()), 5_000);
      socket.setSoTimeout((int) PATIENCE.toMillis());
      var request = input.value();
      try {
        socket.getOutputStream().write(request == null ? new byte[0] : request);
        socket.getOutputStream().flush();
        socket.shutdownOutput();
      } catch (IOException _) {
        // the door has hung up already, perhaps with an answer
      }
      var answer = answer(socket);
      var status = STATUS_LINE.matcher(answer);
      if (!status.lookingAt()) {
        return answer.isEmpty() && input.expected().outcome() == Outcome.X
            ? Got.of(input.expected(), Outcome.X, input.expected().code())
            : Got.unexpected(answer.isEmpty() ? "hung up without an answer" : "no HTTP answer");
      }
      int body = answer.indexOf("\r\n\r\n");
      return judge(
          input.expected(),
          Integer.parseInt(status.group(1)),
          body < 0 ? "" : answer.substring(body + 4));
    }
  }

  private static String answer(Socket socket) throws IOException {
    var answer = new ByteArrayOutputStream();
    var buffer = new byte[8192];
    try {
      for (int read = 0; read >= 0 && !enough(answer); ) {
        answer.write(buffer, 0, read);
        read = socket.getInputStream().read(buffer);
      }
    } catch (SocketTimeoutException e) {
      throw e; // neither an answer nor an end: a call that hangs
    } catch (IOException _) {
      // reset: what has come counts
    }
    return answer.toString(StandardCharsets.ISO_8859_1);
  }

  /// An event stream never ends: its head says all.
  private static boolean enough(ByteArrayOutputStream answer) {
    return answer.size() >= 65_536
        || answer.toString(StandardCharsets.ISO_8859_1).contains("text/event-stream");
  }

  private static Got judge(Expected expected, int status, String body) {
    var json = json(body);
    var code = json == null ? null : json.path("code").asText(null);
    if (status >= 500) {
      return Got.unexpected(status + (code == null ? "" : " " + code));
    }
    return switch (expected.outcome()) {
      case STATUS ->
          new Got(
              status + (code == null ? "" : " " + code),
              expected.fitsStatus(status) && expected.fits(code),
              null);
      case A, D -> accepted(expected, status, code, json);
      case R -> Got.of(expected, status / 100 == 4 ? Outcome.R : Outcome.A, code);
      case X -> Got.of(expected, status / 100 == 4 ? Outcome.X : Outcome.A, code);
      case C -> Got.of(expected, status == 409 ? Outcome.C : Outcome.A, code);
    };
  }

  private static Got accepted(
      Expected expected, int status, @Nullable String code, @Nullable JsonNode json) {
    if (status / 100 != 2 || json == null) {
      return new Got(status + (code == null ? "" : " " + code), false, null);
    }
    return new Got(expected.outcome().name(), true, null)
        .owing(
            new Asked(
                json.path("organizationId").asText(null),
                json.path("requestId").asText(),
                json.path("requestHash").asText()));
  }

  private static @Nullable JsonNode json(String body) {
    try {
      return body.startsWith("{") ? Json.MAPPER.readTree(body) : null;
    } catch (IOException _) {
      return null;
    }
  }

  @Override
  public void close() {
    client.shutdownNow();
    client.close();
  }
}
