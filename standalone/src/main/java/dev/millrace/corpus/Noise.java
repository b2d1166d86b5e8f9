package dev.millrace.corpus;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.millrace.contracts.Json;
import dev.millrace.corpus.Expected.Outcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/// Inputs made up from a seed: random bytes, damaged cases, JSON trees with everything in the wrong
/// place, and headers nobody should send. What becomes of them is not known beforehand, only that
/// each ends once.
final class Noise {

  private static final int LARGEST_SEED_BYTES = 4_096;
  private static final List<String> NAMES =
      List.of(
          "type", "params", "cache", "tags", "requestId", "organizationId", "seed", "é", "", "$");
  private static final List<String> HEADERS =
      List.of("traceparent", "answered", "attempt", "tier", "not-before", "error-code", "x");

  private final RandomGenerator random;
  private final List<byte[]> seeds;

  Noise(RandomGenerator random, List<Case> cases) {
    this.random = random;
    this.seeds =
        cases.stream()
            .filter(each -> !each.raw())
            .map(Case::value)
            .filter(
                value -> value != null && value.length > 0 && value.length <= LARGEST_SEED_BYTES)
            .toList();
  }

  Case next(int number) {
    return new Case(
        "fuzz-" + number, value(), false, new Expected(Outcome.A, null, null), topic(), headers());
  }

  private byte[] value() {
    return switch (random.nextInt(3)) {
      case 0 -> {
        var bytes = new byte[random.nextInt(1_024)];
        random.nextBytes(bytes);
        yield bytes;
      }
      case 1 -> seeds.isEmpty() ? new byte[0] : damaged(seeds.get(random.nextInt(seeds.size())));
      default -> json(tree(5));
    };
  }

  private byte[] damaged(byte[] good) {
    var bytes = good.clone();
    for (int times = 1 + random.nextInt(4); times > 0; times--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(3)) {
        case 0 -> bytes[at] = (byte) random.nextInt();
        case 1 -> bytes[at] = (byte) "{}[]\",:0e-\\".charAt(random.nextInt(11));
        default -> bytes = Arrays.copyOf(bytes, Math.max(1, at));
      }
    }
    return bytes;
  }

  private JsonNode tree(int depth) {
    var json = JsonNodeFactory.instance;
    return switch (random.nextInt(depth > 0 ? 8 : 6)) {
      case 0 -> json.nullNode();
      case 1 -> json.booleanNode(random.nextBoolean());
      case 2 -> json.numberNode(random.nextLong());
      case 3 -> json.numberNode(random.nextDouble() * Math.pow(10, random.nextInt(-300, 300)));
      case 4 -> json.textNode(name());
      case 5 -> json.textNode("simulation");
      case 6 -> {
        var array = json.arrayNode();
        for (int i = random.nextInt(5); i > 0; i--) {
          array.add(tree(depth - 1));
        }
        yield array;
      }
      default -> {
        var object = json.objectNode();
        for (int i = random.nextInt(6); i > 0; i--) {
          object.set(name(), tree(depth - 1));
        }
        yield object;
      }
    };
  }

  private String name() {
    return NAMES.get(random.nextInt(NAMES.size()));
  }

  private String topic() {
    return List.of("requests.free", "requests.pro", "requests.enterprise").get(random.nextInt(3));
  }

  private Map<String, String> headers() {
    var headers = new HashMap<String, String>();
    for (int i = random.nextInt(4) - 2; i > 0; i--) {
      headers.put(HEADERS.get(random.nextInt(HEADERS.size())), "v".repeat(random.nextInt(100)));
    }
    return headers;
  }

  private static byte[] json(JsonNode tree) {
    try {
      return Json.MAPPER.writeValueAsBytes(tree);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
