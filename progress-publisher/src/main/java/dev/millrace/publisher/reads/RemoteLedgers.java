package dev.millrace.publisher.reads;

import com.fasterxml.jackson.core.type.TypeReference;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.Setting;
import dev.millrace.runtime.reads.CacheStats;
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
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks the read ports of the cache-store instances over HTTP. Each partition's owner says on the
/// settings topic where its port is.
public final class RemoteLedgers implements LedgerReader, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(RemoteLedgers.class);

  /// A request that waits to be produced is not kept longer.
  private static final Duration DOOR_PATIENCE = Duration.ofMillis(500);

  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /// A port that did not answer is left alone for so long: nobody waits for it again and again.
  private static final Duration LEFT_ALONE = Duration.ofSeconds(2);

  private static final TypeReference<KnownAnswer> ANSWER = new TypeReference<>() {};
  private static final TypeReference<KnownEntry> ENTRY = new TypeReference<>() {};
  private static final TypeReference<List<CacheStats>> STATS = new TypeReference<>() {};

  private static final int OK = 200;
  private static final int NOT_FOUND = 404;

  private final Function<String, Optional<Setting>> settings;
  private final LongSupplier nanoTime;
  private final Duration doorPatience;
  private final Map<String, Long> silentSince = new ConcurrentHashMap<>();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /// @param settings the newest value of each key of the settings topic
  public RemoteLedgers(Function<String, Optional<Setting>> settings, LongSupplier nanoTime) {
    this(settings, nanoTime, DOOR_PATIENCE);
  }

  RemoteLedgers(
      Function<String, Optional<Setting>> settings, LongSupplier nanoTime, Duration doorPatience) {
    this.settings = settings;
    this.nanoTime = nanoTime;
    this.doorPatience = doorPatience;
  }

  @Override
  public Optional<KnownAnswer> answer(Question question) {
    var path = entry(question.hash(), "?" + question.query());
    return ask(port(question.hash()), path, ANSWER, doorPatience);
  }

  @Override
  public Optional<KnownEntry> entry(RequestHash hash) {
    return ask(port(hash), entry(hash, "/state"), ENTRY, PATIENCE);
  }

  @Override
  public List<CacheStats> stats() {
    var stats = new ArrayList<CacheStats>();
    for (var port : ports()) {
      try {
        ask(port, "/internal/stats", STATS, PATIENCE).ifPresent(stats::addAll);
      } catch (LedgerUnavailableException e) {
        LOG.debug("statistics without those of {}", port, e);
      }
    }
    return stats;
  }

  @Override
  public void close() {
    http.close();
  }

  private static String entry(RequestHash hash, String rest) {
    return "/internal/entries/" + hash.hex() + rest;
  }

  private <T> Optional<T> ask(String port, String path, TypeReference<T> type, Duration patience) {
    var silent = silentSince.get(port);
    if (silent != null && nanoTime.getAsLong() - silent < LEFT_ALONE.toNanos()) {
      throw new LedgerUnavailableException(port + " did not answer a moment ago");
    }
    HttpResponse<byte[]> response;
    try {
      var request = HttpRequest.newBuilder(URI.create(port + path)).timeout(patience).build();
      response = http.send(request, BodyHandlers.ofByteArray());
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

  /// Of all instances.
  private Set<String> ports() {
    var ports = new LinkedHashSet<String>();
    for (int partition = 0; partition < partitions(); partition++) {
      settings.apply(Setting.readPort(partition)).map(Setting::url).ifPresent(ports::add);
    }
    return ports;
  }

  private String port(RequestHash hash) {
    int partition = hash.partition(partitions());
    return settings
        .apply(Setting.readPort(partition))
        .map(Setting::url)
        .orElseThrow(() ->
            new LedgerUnavailableException(
                "ledger partition " + partition + " has not said where it can be asked"));
  }

  private int partitions() {
    return settings
        .apply(Setting.PARTITIONS)
        .map(Setting::count)
        .orElseThrow(
            () -> new LedgerUnavailableException("the number of ledger partitions is not known"))
        .intValue();
  }

  private static <T> T read(byte[] body, TypeReference<T> type, String port) {
    try {
      return Json.MAPPER.readValue(body, type);
    } catch (IOException e) {
      throw new LedgerUnavailableException(port + " answered what cannot be read: " + e);
    }
  }
}
