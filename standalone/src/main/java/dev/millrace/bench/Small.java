package dev.millrace.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.cache.codec.Dictionaries;
import dev.millrace.cache.codec.Keys;
import dev.millrace.cache.codec.ResultCodec;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.Tier;
import dev.millrace.runtime.request.CanonicalJson;
import dev.millrace.runtime.request.Reading;
import dev.millrace.runtime.request.RequestReader;
import dev.millrace.runtime.request.TypeDefinitions;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/// What is done with every request without waiting for anything, each a method that JMH times.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class Small {

  private static final String REQUEST =
      """
      {"type":"simulation","requestId":"my-own-id-1","organizationId":"org_42","userId":"usr_7",
       "params":{"campaignId":"cmp_81","timeframeDays":30,
        "scenarios":[{"name":"base"},{"name":"budget+20%","budgetMultiplier":1.2}]},
       "cache":{"mode":"default","scope":"organization","ttlMs":86400000,"tags":["campaign:cmp_81"]},
       "timeoutMs":600000,"maxAttempts":4}
      """;

  private static final int DAYS = 200;

  private final byte[] request = REQUEST.getBytes(StandardCharsets.UTF_8);
  private final JsonNode params = parsed(request).path("params");
  private final RequestReader reader =
      new RequestReader(TypeDefinitions.load(Small.class.getClassLoader(), null));
  private final ResultCodec codec =
      new ResultCodec(Dictionaries.NONE, Keys.NONE, new SimpleMeterRegistry());
  private final RequestHash hash = RequestHash.of("0".repeat(64));
  private final ObjectNode result = result();
  private final byte[] stored = codec.encode(hash, "simulation", result);

  /// The yardstick: Jackson reads the request into a tree and nothing else.
  @Benchmark
  public JsonNode parse() {
    return parsed(request);
  }

  /// From bytes to what is admitted: strict parser, schema, defaults, canonical form, hash.
  @Benchmark
  public Reading read() {
    return reader.read(request, Tier.PRO);
  }

  /// The canonical form of the params.
  @Benchmark
  public String canonical() {
    return CanonicalJson.of(params);
  }

  /// A result of some 16 KB to what lies in the store.
  @Benchmark
  public byte[] encode() {
    return codec.encode(hash, "simulation", result);
  }

  /// And back, to the bytes of its JSON.
  @Benchmark
  public byte @Nullable [] decode() {
    return codec.decode(hash, stored);
  }

  private static JsonNode parsed(byte[] bytes) {
    try {
      return Json.MAPPER.readTree(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Percentiles per day, as simulations give them.
  private static ObjectNode result() {
    var random = new Random(7);
    var result = Json.MAPPER.createObjectNode();
    var days = result.putArray("days");
    for (int day = 0; day < DAYS; day++) {
      days.addObject()
          .put("day", day)
          .put("p5", random.nextInt(1_000_000) / 1e3)
          .put("p50", random.nextInt(1_000_000) / 1e3)
          .put("p95", random.nextInt(1_000_000) / 1e3);
    }
    return result;
  }
}
