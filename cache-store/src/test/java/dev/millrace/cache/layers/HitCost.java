package dev.millrace.cache.layers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.cache.codec.Dictionaries;
import dev.millrace.cache.codec.Keys;
import dev.millrace.cache.codec.ResultCodec;
import dev.millrace.cache.layers.ResultCache.Sizes;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.JsonSerde;
import dev.millrace.contracts.RequestHash;
import dev.millrace.runtime.Resources;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;

/// Prints what it costs to get a result out of each layer, in µs, and what it would to parse and
/// write it: run it as decision 15 says.
final class HitCost {

  private static final long SECOND = 1_000_000_000;
  private static final RequestHash HASH = RequestHash.of("a".repeat(64));
  private static final long MEMORY = 64L * 1024 * 1024;
  private static final JsonSerde<JsonNode> JSON = new JsonSerde<>(JsonNode.class);

  private HitCost() {}

  public static void main(String[] arguments) throws Exception {
    System.out.println(
        "| JSON | row | store | store, encrypted | off heap | heap | parse | write |");
    System.out.println("|---|---|---|---|---|---|---|---|");
    var folder = Files.createTempDirectory("hit-cost");
    RocksDB.loadLibrary();
    try (var options = new Options().setCreateIfMissing(true);
        var store = RocksDB.open(options, folder.resolve("db").toString())) {
      for (int bytes : new int[] {1_024, 16 * 1_024, 64 * 1_024}) {
        measure(folder, store, bytes);
      }
    }
  }

  private static void measure(Path folder, RocksDB store, int bytes) throws Exception {
    var result = simulation(bytes);
    var plain = codec(Keys.NONE);
    var file = folder.resolve("keys");
    Files.writeString(file, "k=" + Base64.getEncoder().encodeToString(new byte[32]));
    var encrypted = codec(Keys.load(file, ""));
    var row = plain.encode(HASH, "simulation", result);
    store.put(key("plain"), row);
    store.put(key("encrypted"), encrypted.encode(HASH, "simulation", result));
    var json = Json.MAPPER.writeValueAsBytes(result);
    System.out.printf(
        "| %,d | %,d | %.1f | %.1f | %.1f | %.1f | %.1f | %.1f |%n",
        json.length,
        row.length,
        micros(() -> plain.decode(HASH, get(store, "plain"))),
        micros(() -> encrypted.decode(HASH, get(store, "encrypted"))),
        cached(new Sizes(0, MEMORY), json),
        cached(new Sizes(1_000, MEMORY), json),
        micros(() -> JSON.read(json)),
        micros(() -> JSON.write(result)));
  }

  /// Looks like the result of a simulation: mostly numbers, under names that come again.
  private static ObjectNode simulation(int bytes) throws Exception {
    var random = new Random(1);
    var result = Json.MAPPER.createObjectNode();
    var days = result.putArray("days");
    while (Json.MAPPER.writeValueAsBytes(result).length < bytes) {
      var day = days.addObject().put("day", days.size());
      for (var name : List.of("clicks", "conversions", "spend", "revenue")) {
        day.put(name, random.nextInt(1_000_000) / 100.0);
      }
    }
    return result;
  }

  private static ResultCodec codec(Keys keys) {
    return new ResultCodec(Dictionaries.NONE, keys, Resources.system().meters());
  }

  private static double cached(Sizes sizes, byte[] json) {
    try (var cache = ResultCache.open(sizes, Resources.system())) {
      var tenure = cache.tenure();
      return micros(() -> tenure.get(HASH, 1, () -> json));
    }
  }

  /// The best of ten half seconds, after one that warms up.
  private static double micros(Supplier<? extends @Nullable Object> hit) {
    double best = Double.MAX_VALUE;
    for (int round = 0; round <= 10; round++) {
      long begun = System.nanoTime();
      long hits = 0;
      while (System.nanoTime() - begun < SECOND / 2) {
        for (int i = 0; i < 100; i++) {
          if (hit.get() == null) {
            throw new IllegalStateException("not found");
          }
        }
        hits += 100;
      }
      double micros = (System.nanoTime() - begun) / 1e3 / hits;
      best = round == 0 ? best : Math.min(best, micros);
    }
    return best;
  }

  private static byte[] get(RocksDB store, String name) {
    try {
      return store.get(key(name));
    } catch (org.rocksdb.RocksDBException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] key(String name) {
    return name.getBytes(StandardCharsets.UTF_8);
  }
}
