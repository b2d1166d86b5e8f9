package dev.millrace.publisher.reads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.net.httpserver.HttpServer;
import dev.millrace.contracts.CacheMode;
import dev.millrace.contracts.JobId;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.Setting;
import dev.millrace.runtime.reads.KnownAnswer;
import dev.millrace.runtime.reads.LedgerUnavailableException;
import dev.millrace.runtime.reads.Question;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RemoteLedgersTest {

  private static final RequestHash HASH = RequestHash.of("00000001".repeat(8));
  private static final Question QUESTION =
      new Question(HASH, "simulation", CacheMode.DEFAULT, null, List.of("a:b"), null, null);
  private static final KnownAnswer ANSWER =
      new KnownAnswer(
          JobId.of("simulation", HASH, 7),
          7,
          3,
          Json.MAPPER.createObjectNode().put("answer", 42),
          null,
          null,
          null,
          1_500,
          Instant.parse("2026-01-01T00:00:00Z"),
          10L,
          Instant.parse("2026-01-01T00:00:05Z"));

  private final Map<String, Setting> settings = new HashMap<>();
  private final AtomicLong nanos = new AtomicLong();
  private final AtomicInteger calls = new AtomicInteger();
  private final RemoteLedgers ledgers =
      new RemoteLedgers(
          key -> Optional.ofNullable(settings.get(key)), nanos::get, Duration.ofMinutes(1));
  private HttpServer server;
  private volatile int status = 200;

  @BeforeEach
  void serve() throws Exception {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/internal/entries/" + HASH.hex(),
        exchange -> {
          calls.incrementAndGet();
          assertThat(exchange.getRequestURI().getRawQuery()).isEqualTo(QUESTION.query());
          var body = Json.MAPPER.writeValueAsBytes(ANSWER);
          exchange.sendResponseHeaders(status, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    set(new Setting(Setting.PARTITIONS, null, 4L, null, Instant.EPOCH));
    port("http://127.0.0.1:" + server.getAddress().getPort());
  }

  @AfterEach
  void close() {
    server.stop(0);
    ledgers.close();
  }

  @Test
  void the_port_of_the_partition_is_asked() {
    assertThat(ledgers.answer(QUESTION)).contains(ANSWER);

    status = 404;
    assertThat(ledgers.answer(QUESTION)).isEmpty();
  }

  @Test
  void a_port_that_refuses_is_unavailable() {
    status = 503;

    assertUnavailable("503");
  }

  @Test
  void a_port_that_does_not_answer_is_left_alone_for_two_seconds() {
    var url = "http://127.0.0.1:" + server.getAddress().getPort();
    port("http://127.0.0.1:1");
    assertUnavailable("does not answer");
    assertUnavailable("a moment ago");

    nanos.addAndGet(TimeUnit.SECONDS.toNanos(2));
    assertUnavailable("does not answer");

    port(url);
    assertThat(ledgers.answer(QUESTION)).isPresent();
  }

  @Test
  void a_partition_that_has_not_said_where_it_is_cannot_be_asked() {
    settings.remove(Setting.readPort(1));
    assertUnavailable("partition 1");

    settings.clear();
    assertUnavailable("number of ledger partitions");
    assertThat(calls).hasValue(0);
  }

  private void assertUnavailable(String why) {
    assertThatExceptionOfType(LedgerUnavailableException.class)
        .isThrownBy(() -> ledgers.answer(QUESTION))
        .withMessageContaining(why);
  }

  private void port(String url) {
    set(new Setting(Setting.readPort(1), null, null, url, Instant.EPOCH));
  }

  private void set(Setting setting) {
    settings.put(setting.setting(), setting);
  }
}
