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
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/// A caller of the HTTP door who waits for the answer (`Prefer: wait`).
final class DoorWay implements Way, AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final URI requests;
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
    requests = http.resolve("/v1/requests");
    this.name = name;
    this.nanoTime = nanoTime;
  }

  @Override
  public CompletableFuture<Answer> ask(Ask ask) {
    var call =
        HttpRequest.newBuilder(requests)
            .timeout(PATIENCE)
            .header("Content-Type", "application/json")
            .header("Prefer", "wait=30")
            .POST(BodyPublishers.ofByteArray(ask.body(name + "-" + sent.incrementAndGet())))
            .build();
    return client.sendAsync(call, BodyHandlers.ofByteArray()).thenApply(this::answer);
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
