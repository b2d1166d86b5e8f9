package dev.millrace.publisher.reads;

import dev.millrace.contracts.Json;
import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.Setting;
import dev.millrace.runtime.reads.KnownAnswer;
import dev.millrace.runtime.reads.KnownEntry;
import dev.millrace.runtime.reads.LedgerReader;
import dev.millrace.runtime.reads.LedgerUnavailableException;
import dev.millrace.runtime.reads.Question;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.LongSupplier;

/// Asks the read ports of the cache-store instances over HTTP. Each partition's owner says on the
/// settings topic where its port is.
public final class RemoteLedgers implements LedgerReader, AutoCloseable {

  private static final Duration CONNECTING = Duration.ofMillis(250);
  private static final Duration PATIENCE = Duration.ofMillis(500);

  /// A port that did not answer is left alone for so long: nobody waits for it again and again.
  private static final Duration LEFT_ALONE = Duration.ofSeconds(2);

  private static final int OK = 200;
  private static final int NOT_FOUND = 404;

  private final Function<String, Optional<Setting>> settings;
  private final LongSupplier nanoTime;
  private final Map<String, Long> silentSince = new ConcurrentHashMap<>();
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(CONNECTING)
          .build();

  /// @param settings the newest value of each key of the settings topic
  public RemoteLedgers(Function<String, Optional<Setting>> settings, LongSupplier nanoTime) {
    this.settings = settings;
    this.nanoTime = nanoTime;
  }

  @Override
  public Optional<KnownAnswer> answer(Question question) {
    return ask(question.hash(), "?" + question.query(), KnownAnswer.class);
  }

  @Override
  public Optional<KnownEntry> entry(RequestHash hash) {
    return ask(hash, "/state", KnownEntry.class);
  }

  @Override
  public void close() {
    http.close();
  }

  private <T> Optional<T> ask(RequestHash hash, String rest, Class<T> type) {
    var port = port(hash);
    var silent = silentSince.get(port);
    if (silent != null && nanoTime.getAsLong() - silent < LEFT_ALONE.toNanos()) {
      throw new LedgerUnavailableException(port + " did not answer a moment ago");
    }
    HttpResponse<byte[]> response;
    try {
      var uri = URI.create(port + "/internal/entries/" + hash.hex() + rest);
      response =
          http.send(
              HttpRequest.newBuilder(uri).timeout(PATIENCE).build(), BodyHandlers.ofByteArray());
      silentSince.remove(port);
    } catch (IOException | IllegalArgumentException e) {
      silentSince.put(port, nanoTime.getAsLong());
      throw new LedgerUnavailableException(port + " does not answer: " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LedgerUnavailableException("interrupted while asking " + port);
    }
    return switch (response.statusCode()) {
      case OK -> Optional.of(read(response.body(), type, port));
      case NOT_FOUND -> Optional.empty();
      default -> throw new LedgerUnavailableException(port + " answered " + response.statusCode());
    };
  }

  private String port(RequestHash hash) {
    var count = settings.apply(Setting.PARTITIONS).map(Setting::count);
    if (count.isEmpty()) {
      throw new LedgerUnavailableException("the number of ledger partitions is not known");
    }
    int partition = hash.partition(count.get().intValue());
    return settings
        .apply(Setting.readPort(partition))
        .map(Setting::url)
        .orElseThrow(() ->
            new LedgerUnavailableException(
                "ledger partition " + partition + " has not said where it can be asked"));
  }

  private static <T> T read(byte[] body, Class<T> type, String port) {
    try {
      return Json.MAPPER.readValue(body, type);
    } catch (IOException e) {
      throw new LedgerUnavailableException(port + " answered what cannot be read: " + e);
    }
  }
}
