package dev.millrace.cache.codec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.JsonSerde;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Results that are alike as those of one type are: the same fields, other numbers.
final class Forecasts {

  private static final JsonSerde<JsonNode> JSON = new JsonSerde<>(JsonNode.class);

  private Forecasts() {}

  static ObjectNode one(int seed) {
    var random = new SplittableRandom(seed);
    var forecast = Json.MAPPER.createObjectNode();
    forecast.put("engine", "forecast-1").put("campaignId", "cmp_" + random.nextInt(1000));
    var days = forecast.putArray("days");
    for (int day = 1; day <= 5; day++) {
      days.addObject()
          .put("dayOfTheCampaign", day)
          .put("expectedVisitors", random.nextInt(100_000))
          .put("expectedRevenue", random.nextInt(1_000_000) / 100.0)
          .put("recommendation", random.nextBoolean() ? "raise the budget" : "keep the budget");
    }
    return forecast;
  }

  /// The result in what a codec gives.
  static JsonNode read(byte @Nullable [] json) {
    return JSON.read(Objects.requireNonNull(json));
  }

  /// @param seed another one makes another dictionary
  static byte[] dictionary(int seed) {
    var results =
        IntStream.range(0, 400)
            .mapToObj(i -> one(1000 * seed + i).toString().getBytes(StandardCharsets.UTF_8))
            .toList();
    return new DictionaryTrainer(results).dictionary();
  }
}
