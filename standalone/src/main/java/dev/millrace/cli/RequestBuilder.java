package dev.millrace.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.contracts.Json;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// The options that make requests: a type and params, or JSON from a file or stdin, or both.
final class RequestBuilder {

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "TYPE",
      description = "What to compute: simulation, inference, command, …")
  @Nullable String type;

  @Option(
      names = {"-p", "--param"},
      paramLabel = "KEY=VALUE",
      description = "One param; a value that is JSON counts as JSON, anything else as text.")
  Map<String, String> params = new LinkedHashMap<>();

  @Option(
      names = {"-f", "--file"},
      paramLabel = "FILE",
      description = "Whole requests as JSON, one after another; - for stdin.")
  @Nullable String file;

  @Option(names = "--org", paramLabel = "ID", description = "organizationId")
  @Nullable String organization;

  @Option(names = "--user", paramLabel = "ID", description = "userId")
  @Nullable String user;

  @Option(names = "--workspace", paramLabel = "ID", description = "workspaceId")
  @Nullable String workspace;

  @Option(names = "--request-id", paramLabel = "ID", description = "requestId (default: made up)")
  @Nullable String requestId;

  @Option(names = "--scope", description = "private, workspace, organization or global")
  @Nullable String scope;

  @Option(names = "--mode", description = "default, refresh, bypass, only or stale-ok")
  @Nullable String mode;

  @Option(names = "--ttl", paramLabel = "MS", description = "The oldest answer to accept, ms.")
  @Nullable Long ttlMs;

  @Option(names = "--tag", paramLabel = "TAG", description = "A tag of the answer.")
  List<String> tags = new ArrayList<>();

  @Option(names = "--max-attempts", paramLabel = "N", description = "How often to try.")
  @Nullable Integer maxAttempts;

  @Option(names = "--deadline-ms", paramLabel = "MS", description = "timeoutMs of the request.")
  @Nullable Long timeoutMs;

  /// The requests as told.
  ///
  /// @throws CliException 2 when there is neither type nor file, or the file is not JSON
  List<ObjectNode> requests(InputStream stdin) {
    if (file == null) {
      if (type == null) {
        throw CliException.usage("Give a TYPE, or whole requests with -f FILE (- for stdin).");
      }
      return List.of(complete(Json.MAPPER.createObjectNode()));
    }
    var requests = JsonObjects.read(file, stdin);
    requests.forEach(this::complete);
    if (requests.size() > 1 && requestId != null) {
      throw CliException.usage("--request-id is for one request, got " + requests.size() + ".");
    }
    return requests;
  }

  private ObjectNode complete(ObjectNode request) {
    put(request, "type", type);
    put(request, "organizationId", organization);
    put(request, "userId", user);
    put(request, "workspaceId", workspace);
    put(request, "requestId", requestId);
    if (!params.isEmpty() || file == null) {
      var all = request.withObjectProperty("params");
      params.forEach((key, value) -> all.set(key, value(value)));
    }
    if (scope != null || mode != null || ttlMs != null || !tags.isEmpty()) {
      var cache = request.withObjectProperty("cache");
      put(cache, "scope", scope);
      put(cache, "mode", mode);
      if (ttlMs != null) {
        cache.put("ttlMs", ttlMs);
      }
      if (!tags.isEmpty()) {
        cache.set("tags", Json.MAPPER.valueToTree(tags));
      }
    }
    if (maxAttempts != null) {
      request.put("maxAttempts", maxAttempts);
    }
    if (timeoutMs != null) {
      request.put("timeoutMs", timeoutMs);
    }
    return request;
  }

  private static void put(ObjectNode object, String field, @Nullable String value) {
    if (value != null) {
      object.put(field, value);
    }
  }

  /// `30`, `true`, `[1,2]` and `"30"` as the JSON they are; `cmp_81` and `2026-11-20` as text.
  static JsonNode value(String text) {
    try (var parser = Json.MAPPER.createParser(text)) {
      JsonNode value = parser.readValueAsTree();
      if (value != null && parser.nextToken() == null) {
        return value;
      }
    } catch (IOException _) {
      // then it is text
    }
    return Json.MAPPER.getNodeFactory().textNode(text);
  }
}
