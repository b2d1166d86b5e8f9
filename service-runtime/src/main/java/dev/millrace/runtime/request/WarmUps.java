package dev.millrace.runtime.request;

import static dev.millrace.contracts.RejectionCode.E_COMMAND;
import static dev.millrace.contracts.RejectionCode.E_SCHEMA;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.contracts.CacheMode;
import dev.millrace.contracts.Command.WarmUp.Item;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.Tier;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Reads the requests of a warm-up, on a topic or over HTTP. One that is wrong refuses them all,
/// and the rejection names it: `requests[3].request.params.paths`.
public final class WarmUps {

  /// The most requests of one warm-up.
  public static final int MOST = 500;

  /// The field of a command, or of a body, that has them.
  public static final String FIELD = "requests";

  /// What a command has beside its requests, generously.
  private static final int ENVELOPE_BYTES = 1024;

  private static final int ENVELOPE_TOKENS = 16;

  private static final Set<String> ITEM = new LinkedHashSet<>(List.of("request", "result"));

  private WarmUps() {}

  /// One answer to have.
  ///
  /// @param given as it came
  public record Wanted(Item given, CheckedRequest request) {}

  /// The requests, each checked as if it stood on the request topic of its tier, `free` unless it
  /// names one; what they say about waiting is read over.
  ///
  /// @throws RejectedException when any is wrong, or they are too many or none
  public static List<Wanted> read(Fields fields, RequestReader reader) {
    if (!(fields.get(FIELD) instanceof ArrayNode array)) {
      throw fields.refuse(FIELD, E_SCHEMA, "an array of requests");
    }
    if (array.isEmpty() || array.size() > MOST) {
      throw new RejectedException(
          E_COMMAND, "a warm-up has 1 to " + MOST + " requests, got " + array.size(), FIELD);
    }
    var wanted = new ArrayList<Wanted>();
    for (int i = 0; i < array.size(); i++) {
      wanted.add(wanted(array.get(i), FIELD + "[" + i + "]", reader));
    }
    return wanted;
  }

  /// Splits requests into as few warm-ups as intake takes, in their order. One that is too large by
  /// itself stands alone, to be refused.
  public static List<List<Item>> split(List<Item> items) {
    var all = new ArrayList<List<Item>>();
    var part = new ArrayList<Item>();
    int bytes = 0;
    int tokens = 0;
    for (var item : items) {
      var text = bytes(item);
      int more = tokens(text);
      boolean full =
          part.size() == MOST
              || bytes + text.length > StrictJson.MAX_BYTES - ENVELOPE_BYTES
              || tokens + more > StrictJson.MAX_TOKENS - ENVELOPE_TOKENS;
      if (full && !part.isEmpty()) {
        all.add(List.copyOf(part));
        part.clear();
        bytes = 0;
        tokens = 0;
      }
      part.add(item);
      bytes += text.length + 1;
      tokens += more;
    }
    if (!part.isEmpty()) {
      all.add(List.copyOf(part));
    }
    return all;
  }

  private static byte[] bytes(Object requests) {
    try {
      return Json.MAPPER.writeValueAsBytes(requests);
    } catch (IOException e) {
      throw new UncheckedIOException("a request that was read cannot be written", e);
    }
  }

  private static int tokens(byte[] json) {
    int tokens = 0;
    try (var parser = Json.MAPPER.createParser(json)) {
      while (parser.nextToken() != null) {
        tokens++;
      }
    } catch (IOException e) {
      throw new UncheckedIOException("a request that was written cannot be read", e);
    }
    return tokens;
  }

  private static Wanted wanted(JsonNode node, String path, RequestReader reader) {
    if (!(node instanceof ObjectNode object)) {
      throw new RejectedException(E_SCHEMA, "expected an object such as {\"request\":{…}}", path);
    }
    var item = item(object, path);
    try {
      return wanted(item, reader);
    } catch (RejectedException e) {
      throw new RejectedException(below(path(path, "request"), e.rejection()));
    }
  }

  private static Item item(ObjectNode object, String path) {
    var fields = new Fields(object, path, ITEM);
    if (!(fields.get("request") instanceof ObjectNode request)) {
      throw fields.refuse("request", E_SCHEMA, "a request");
    }
    var result = fields.get("result");
    if (result != null && result.isNull()) {
      throw fields.refuse("result", E_SCHEMA, "an answer, or none to have it computed");
    }
    return new Item(request, result);
  }

  /// An object of a file: one that has a field `request` may have a `result` beside it, any other
  /// is a request itself.
  ///
  /// @throws RejectedException when it has a field `request` and is not of that form
  public static Item item(ObjectNode object) {
    return object.has("request") ? item(object, "") : new Item(object, null);
  }

  /// An object of a file, checked as a warm-up that has nothing else.
  ///
  /// @throws RejectedException when intake would not take it
  static Wanted line(ObjectNode object, RequestReader reader) {
    var wanted =
        object.has("request") ? wanted(object, "", reader) : wanted(new Item(object, null), reader);
    // a little deeper and longer than it stands in the file
    var _ = StrictJson.parse(bytes(Map.of(FIELD, List.of(wanted.given()))));
    return wanted;
  }

  private static Wanted wanted(Item item, RequestReader reader) {
    var request = item.request();
    var checked = reader.check(request.deepCopy(), tier(request));
    if (checked.mode() == CacheMode.ONLY || checked.mode() == CacheMode.BYPASS) {
      throw new RejectedException(
          E_COMMAND,
          "mode " + checked.mode().id() + " stores nothing: expected default or refresh",
          "cache.mode");
    }
    if (item.result() == null && !checked.policy().runsUnasked()) {
      throw new RejectedException(
          E_COMMAND,
          checked.type() + " has effects, which nobody may cause who does not ask for them",
          "type");
    }
    return new Wanted(item, checked);
  }

  /// A tier that is none is refused by the reader.
  private static Tier tier(ObjectNode request) {
    return Tier.find(request.path("tier").asText()).orElse(Tier.FREE);
  }

  private static Rejection below(String path, Rejection rejection) {
    var field = rejection.field().isEmpty() ? path : path(path, rejection.field());
    return new Rejection(rejection.code(), rejection.message(), field);
  }

  private static String path(String above, String field) {
    return above.isEmpty() ? field : above + "." + field;
  }
}
