package dev.millrace.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.cache.eviction.replay.Access;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.RequestHash;
import dev.millrace.contracts.Sha256;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.function.Consumer;

/// Requests as JSON lines: what was asked, and how large and dear its answer is.
final class CacheTrace {

  private CacheTrace() {}

  /// @param file its name; `-` for stdin
  /// @throws CliException 2 when it cannot be read, naming the line
  static void read(String file, InputStream stdin, Consumer<Access> to) {
    try (var in = file.equals("-") ? stdin : Files.newInputStream(Path.of(file));
        var reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      int number = 0;
      for (var line = reader.readLine(); line != null; line = reader.readLine()) {
        number++;
        if (!line.isBlank()) {
          to.accept(access(line, "line " + number + " of " + file));
        }
      }
    } catch (NoSuchFileException _) {
      throw CliException.usage("There is no file " + file + ".");
    } catch (IOException e) {
      throw CliException.usage("Cannot read " + file + ": " + e.getMessage());
    }
  }

  private static Access access(String line, String where) {
    JsonNode json;
    try {
      json = Json.MAPPER.readTree(line);
    } catch (JsonProcessingException e) {
      throw CliException.usage(where + " is not JSON: " + e.getOriginalMessage());
    }
    var key = json.path("key").asText();
    if (key.isEmpty()) {
      throw CliException.usage(where + ": expected a text as key, got " + json.path("key"));
    }
    return new Access(hash(key), number(json, "size", where), number(json, "costMs", where));
  }

  private static long number(JsonNode json, String field, String where) {
    var value = json.path(field);
    if (!value.isIntegralNumber() || value.asLong() < 0) {
      throw CliException.usage(
          "%s: expected a whole number from 0 as %s, got %s"
              .formatted(where, field, value.isMissingNode() ? "none" : value));
    }
    return value.asLong();
  }

  private static RequestHash hash(String key) {
    return key.matches("[0-9a-f]{64}") ? RequestHash.of(key) : RequestHash.of(Sha256.hex(key));
  }
}
