package dev.millrace.bench;

import dev.millrace.contracts.Json;
import dev.millrace.runtime.Threads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/// A caller of the HTTP door who waits for the answer (`Prefer: wait`).
final class DoorWay implements Way, AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final String HISTORY_LAG = "publisher_history_lag";

  /// The door waits 5 s for a warm-up, which partitions that move to another instance outlast.
  private static final int MOST_TRIES = 12;

  private final URI http;
  private final String name;
  private final LongSupplier nanoTime;
  private final AtomicLong sent = new AtomicLong();
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .executor(Executors.newThreadPerTaskExecutor(Threads.virtual("bench-http")))
          .build();

  /// @param name begins its request ids
  DoorWay(URI http, String name, LongSupplier nanoTime) {
    this.http = http;
    this.name = name;
    this.nanoTime = nanoTime;
  }

  @Override
  public CompletableFuture<Answer> ask(Ask ask) {
    var call =
        post("/v1/requests", ask.body(name + "-" + sent.incrementAndGet()))
            .header("Prefer", "wait=30")
            .build();
    return client.sendAsync(call, BodyHandlers.ofByteArray()).thenApply(this::answer);
  }

  /// Makes the answers to these questions known and returns when they are; to do so twice is to do
  /// it once.
  ///
  /// @throws IllegalStateException when not all of them are stored as they were given
  void warmUp(List<Ask> asks) throws InterruptedException {
    var body =
        asks.stream()
            .map(ask -> "{\"request\":" + ask.text() + ",\"result\":" + Ask.answer() + "}")
            .collect(Collectors.joining(",", "{\"requests\":[", "]}"));
    try {
      int tries = 0;
      HttpResponse<byte[]> response;
      do {
        response =
            client.send(
                post("/v1/cache/warm-up", body.getBytes(StandardCharsets.UTF_8)).build(),
                BodyHandlers.ofByteArray());
      } while (response.statusCode() == 202 && ++tries < MOST_TRIES);
      var json = Json.MAPPER.readTree(response.body());
      if (json.path("warmUp").path("stored").intValue() != asks.size()) {
        throw new IllegalStateException("HTTP " + response.statusCode() + ": " + json);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("no answer to a warm-up", e);
    }
  }

  /// How many records the history is behind.
  double historyLag() throws InterruptedException {
    try {
      var metrics =
          client.send(
              HttpRequest.newBuilder(http.resolve("/metrics")).timeout(PATIENCE).build(),
              BodyHandlers.ofString());
      return metrics
          .body()
          .lines()
          .filter(line -> line.startsWith(HISTORY_LAG))
          .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
          .sum();
    } catch (IOException e) {
      throw new UncheckedIOException("no metrics from the door", e);
    }
  }

  private HttpRequest.Builder post(String path, byte[] body) {
    return HttpRequest.newBuilder(http.resolve(path))
        .timeout(PATIENCE)
        .header("Content-Type", "application/json")
        .POST(BodyPublishers.ofByteArray(body));
  }

  private Answer answer(HttpResponse<byte[]> response) {
    try {
      var json = Json.MAPPER.readTree(response.body());
      if (response.statusCode() != 200) {
        throw new IllegalStateException("HTTP " + response.statusCode() + ": " + json);
      }
      var source = json.path("source").asText("");
      return new Answer(
          source.isEmpty() ? json.path("status").asText() : source, nanoTime.getAsLong());
    } catch (IOException e) {
      throw new UncheckedIOException("no JSON from the door", e);
    }
  }

  @Override
  public void close() {
    client.shutdownNow();
    client.close();
  }
}
