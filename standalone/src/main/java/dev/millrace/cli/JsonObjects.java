package dev.millrace.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.contracts.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A file of JSON objects, one after another, as JSON lines are.
final class JsonObjects {

  private JsonObjects() {}

  /// Reads all of them.
  ///
  /// @param file `-` for stdin
  /// @throws CliException 2 when there is no such file, or it holds anything else
  static List<ObjectNode> read(String file, InputStream stdin) {
    var name = file.equals("-") ? "stdin" : file;
    var objects = new ArrayList<ObjectNode>();
    try (var in = file.equals("-") ? stdin : Files.newInputStream(Path.of(file));
        MappingIterator<JsonNode> values = Json.MAPPER.readerFor(JsonNode.class).readValues(in)) {
      while (values.hasNextValue()) {
        if (!(values.nextValue() instanceof ObjectNode object)) {
          throw CliException.usage("Each request is a JSON object.");
        }
        objects.add(object);
      }
    } catch (NoSuchFileException _) {
      throw CliException.usage("There is no file " + file + ".");
    } catch (JsonProcessingException e) {
      throw CliException.usage(
          "%s is not JSON: %s (line %d)"
              .formatted(name, e.getOriginalMessage(), e.getLocation().getLineNr()));
    } catch (IOException e) {
      throw CliException.usage("Cannot read " + name + ": " + e.getMessage());
    }
    return objects;
  }
}
