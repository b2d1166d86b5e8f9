package dev.millrace.runtime.request;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.millrace.contracts.Command.WarmUp.Item;
import dev.millrace.contracts.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The requests of a file whose answers are wanted before anybody asks: JSON objects one after
/// another, each a request, or one with its answer, `{"request":{…},"result":…}`. What is wrong is
/// left out.
///
/// @param wrong what was left out and why, named by the line it begins in
public record WarmUpFile(List<Item> items, List<String> wrong) {

  public WarmUpFile {
    items = List.copyOf(items);
    wrong = List.copyOf(wrong);
  }

  /// Reads all of a file.
  ///
  /// @throws IOException when it cannot be read
  public static WarmUpFile read(Path file, RequestReader reader) throws IOException {
    var reading = new Lines(Files.readAllBytes(file), reader);
    reading.read();
    return new WarmUpFile(reading.items, reading.wrong);
  }

  private static final class Lines {
    private final byte[] bytes;
    private final RequestReader reader;
    private final List<Integer> starts = new ArrayList<>();
    private final List<Item> items = new ArrayList<>();
    private final List<String> wrong = new ArrayList<>();

    Lines(byte[] bytes, RequestReader reader) {
      this.bytes = bytes;
      this.reader = reader;
      starts.add(0);
      for (int at = 0; at < bytes.length; at++) {
        if (bytes[at] == '\n') {
          starts.add(at + 1);
        }
      }
    }

    void read() {
      int next = 0;
      while (next < starts.size()) {
        next = readFrom(next);
      }
    }

    /// Takes what begins in this line and in those behind it, up to what is no JSON object.
    ///
    /// @return the line to go on with
    private int readFrom(int first) {
      int start = starts.get(first);
      int line = first;
      boolean inObject = false;
      try (var parser = Json.MAPPER.createParser(bytes, start, bytes.length - start)) {
        for (var token = parser.nextToken(); token != null; token = parser.nextToken()) {
          line = first + parser.currentTokenLocation().getLineNr() - 1;
          if (token != JsonToken.START_OBJECT) {
            return skip(line, "expected a JSON object");
          }
          inObject = true;
          int from = start + (int) parser.currentLocation().getByteOffset() - 1;
          parser.skipChildren();
          int to = start + (int) parser.currentLocation().getByteOffset();
          if (from < start) {
            return skip(line, "not UTF-8");
          }
          take(line, Arrays.copyOfRange(bytes, from, to));
          inObject = false;
        }
        return starts.size();
      } catch (JsonProcessingException e) {
        int broken = inObject ? line : first + e.getLocation().getLineNr() - 1;
        return skip(broken, "not JSON: " + e.getOriginalMessage());
      } catch (IOException e) {
        return skip(line, "not JSON: " + e.getMessage());
      }
    }

    /// As strictly as intake: what it would refuse is to be found here, where it has a line.
    private void take(int line, byte[] text) {
      try {
        items.add(WarmUps.line(StrictJson.parse(text), reader).given());
      } catch (RejectedException e) {
        var why = e.rejection();
        var field = why.field().isEmpty() ? "" : " " + why.field();
        wrong.add("line " + (line + 1) + ": " + why.code() + field + ": " + why.message());
      }
    }

    /// An object that begins a line is taken for the next one.
    private int skip(int line, String why) {
      wrong.add("line " + (line + 1) + ": " + why);
      int next = line + 1;
      while (next < starts.size() && !beginsObject(starts.get(next))) {
        next++;
      }
      return next;
    }

    private boolean beginsObject(int start) {
      return start < bytes.length && bytes[start] == '{';
    }
  }
}
