package dev.millrace.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.millrace.contracts.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What the client makes of a server that is in trouble, as the door cannot be made to be.
class ValuesTest {

  private static final String COUNTED =
      "{\"ok\":true,\"op\":\"increment\",\"commandId\":\"c\",\"value\":5,"
          + "\"at\":\"2026-01-01T00:00:00.000Z\"}";

  private final Deque<Reply> replies = new ArrayDeque<>();
  private final List<String> commandIds = new CopyOnWriteArrayList<>();
  private final CountDownLatch never = new CountDownLatch(1);
  private HttpServer server;
  private URI uri;
  private Values values;

  private interface Reply {
    void to(HttpExchange exchange) throws IOException, InterruptedException;
  }

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/v1/values",
        exchange -> {
          try (exchange) {
            var command = Json.MAPPER.readTree(exchange.getRequestBody());
            commandIds.add(command.path("commandId").asText());
            replies.pop().to(exchange);
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
        });
    server.start();
    uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    values = Values.at(uri, Duration.ofMinutes(1));
  }

  @AfterEach
  void stop() {
    never.countDown();
    values.close();
    server.stop(0);
  }

  @Test
  void a_command_without_an_answer_is_sent_again_under_its_id() {
    replies.add(answer(503, "{\"code\":\"E_UNAVAILABLE\",\"detail\":\"no answer within 5 s\"}"));
    replies.add(answer(200, COUNTED));
    replies.add(_ -> {}); // closes the connection without a word
    replies.add(answer(200, COUNTED));

    assertThat(increment()).isEqualTo(5);
    assertThat(increment()).isEqualTo(5);

    assertThat(commandIds).hasSize(4).doesNotContain("");
    assertThat(commandIds.get(0)).isEqualTo(commandIds.get(1)).isNotEqualTo(commandIds.get(2));
    assertThat(commandIds.get(2)).isEqualTo(commandIds.get(3));
  }

  @Test
  void but_not_more_than_once() {
    var unavailable = answer(503, "{\"code\":\"E_UNAVAILABLE\",\"detail\":\"d\",\"next\":\"N\"}");
    replies.addAll(List.of(unavailable, unavailable));

    assertThatThrownBy(this::increment)
        .isInstanceOf(ValuesException.class)
        .hasMessage("E_UNAVAILABLE: d. N");
    assertThat(replies).isEmpty();
  }

  @Test
  void who_waits_too_long_is_told_so() {
    replies.add(_ -> never.await());
    try (var hasty = Values.at(uri, Duration.ofMillis(200))) {
      assertThatThrownBy(() -> hasty.namespace("n", Long.class).delete(Key.of("k")))
          .isInstanceOfSatisfying(
              ValuesException.class,
              e -> assertThat(e.code()).isEqualTo(ValuesException.UNAVAILABLE))
          .hasMessageContaining("timed out");
    }
    assertThat(commandIds).as("sent once").hasSizeLessThan(2);
  }

  @Test
  void what_a_proxy_says_instead_is_an_error_too() {
    replies.add(answer(502, "<html>Bad Gateway</html>"));
    replies.add(answer(200, "<html>Welcome</html>"));

    assertThatThrownBy(this::increment)
        .isInstanceOfSatisfying(
            ValuesException.class,
            e -> {
              assertThat(e.status()).isEqualTo(502);
              assertThat(e).hasMessage("E_UNAVAILABLE: HTTP 502");
            });
    assertThatThrownBy(this::increment)
        .isInstanceOfSatisfying(
            ValuesException.class, e -> assertThat(e.code()).isEqualTo(ValuesException.UNREADABLE));
  }

  private long increment() {
    return values.namespace("n", Long.class).increment(Key.of("k"), 1).value();
  }

  private static Reply answer(int status, String body) {
    return exchange -> {
      exchange.sendResponseHeaders(status, body.length());
      exchange.getResponseBody().write(body.getBytes(StandardCharsets.UTF_8));
    };
  }
}
