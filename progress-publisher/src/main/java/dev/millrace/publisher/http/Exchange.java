package dev.millrace.publisher.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.millrace.contracts.Json;
import dev.millrace.contracts.RejectionCode;
import dev.millrace.runtime.request.Nearest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/// One call and its answer.
final class Exchange {

  static final String JSON = "application/json";
  static final String PROBLEM = "application/problem+json";

  private static final long MOST_SKIPPED_BYTES = 2 * 1024 * 1024;

  private final Request request;
  private final Response response;
  private final Callback callback;
  private final Map<String, String> parameters;

  Exchange(Request request, Response response, Callback callback, Map<String, String> parameters) {
    this.request = request;
    this.response = response;
    this.callback = callback;
    this.parameters = parameters;
  }

  Request request() {
    return request;
  }

  Response response() {
    return response;
  }

  Callback callback() {
    return callback;
  }

  /// The part of the path in braces.
  String parameter(String name) {
    var value = parameters.get(name);
    if (value == null) {
      throw new IllegalStateException("the route has no {" + name + "}");
    }
    return value;
  }

  @Nullable String header(String name) {
    return request.getHeaders().get(name);
  }

  /// The query, of which only `known` names may be used, each once.
  ///
  /// @throws Problem 400 naming the nearest known one
  Map<String, String> query(String... known) {
    var values = new HashMap<String, String>();
    for (var field : fields(List.of(known)).entrySet()) {
      if (field.getValue().size() > 1) {
        throw Problem.badField(
            RejectionCode.E_SCHEMA, field.getKey(), "given more than once: expected one value");
      }
      values.put(field.getKey(), field.getValue().getFirst());
    }
    return values;
  }

  /// The query, in which a name may stand several times or hold several values between commas.
  Map<String, Set<String>> queryOfMany(String... known) {
    var values = new HashMap<String, Set<String>>();
    fields(List.of(known))
        .forEach((name, all) -> {
          var set = new LinkedHashSet<String>();
          all.forEach(text -> set.addAll(Arrays.asList(text.split(",", -1))));
          set.remove("");
          values.put(name, set);
        });
    return values;
  }

  private Map<String, List<String>> fields(Collection<String> known) {
    var fields = new HashMap<String, List<String>>();
    try {
      for (var field : Request.extractQueryParameters(request)) {
        fields.put(field.getName(), field.getValues());
      }
    } catch (RuntimeException e) {
      throw Problem.of(
          HttpStatus.BAD_REQUEST_400, RejectionCode.E_ENCODING, "the query is not UTF-8");
    }
    for (var name : fields.keySet()) {
      if (!known.contains(name)) {
        throw Problem.badField(
            RejectionCode.E_UNKNOWN_FIELD,
            name,
            "unknown query parameter"
                + Nearest.to(name, known)
                    .map(near -> " (did you mean '" + near + "'?)")
                    .orElse(
                        known.isEmpty() ? "" : ": expected one of " + String.join(", ", known)));
      }
    }
    return fields;
  }

  /// The body.
  ///
  /// @throws Problem 413 when it is longer than `most` bytes
  byte[] body(int most) {
    try (var in = Content.Source.asInputStream(request)) {
      if (request.getLength() > most) {
        // read to its end if that is near: else most clients see a broken pipe and not our answer
        var _ = in.skip(Math.min(request.getLength(), MOST_SKIPPED_BYTES));
        throw tooLong(most);
      }
      byte[] body = in.readNBytes(most + 1);
      if (body.length > most) {
        throw tooLong(most);
      }
      return body;
    } catch (IOException e) {
      // too short, badly packed or badly chunked: the caller's doing, and no defect of ours
      throw Problem.of(
          HttpStatus.BAD_REQUEST_400,
          RejectionCode.E_ENCODING,
          "the body cannot be read to its end: " + e.getMessage());
    }
  }

  private static Problem tooLong(int most) {
    return Problem.of(
        HttpStatus.PAYLOAD_TOO_LARGE_413,
        RejectionCode.E_SIZE,
        "the body is longer than " + most + " bytes");
  }

  Exchange with(HttpHeader header, String value) {
    response.getHeaders().put(header, value);
    return this;
  }

  Exchange with(String header, String value) {
    response.getHeaders().put(header, value);
    return this;
  }

  void answer(int status, Object json) {
    answer(status, JSON, bytes(json));
  }

  void answer(Problem problem) {
    if (problem.status() == HttpStatus.SERVICE_UNAVAILABLE_503) {
      with(HttpHeader.RETRY_AFTER, "5");
    }
    answer(problem.status(), PROBLEM, bytes(problem.json()));
  }

  void answer(int status, String contentType, byte[] body) {
    answer(status, contentType, ByteBuffer.wrap(body));
  }

  private void answer(int status, String contentType, ByteBuffer body) {
    response.setStatus(status);
    with(HttpHeader.CONTENT_TYPE, contentType);
    with(HttpHeader.CONTENT_LENGTH, Integer.toString(body.remaining()));
    boolean head = request.getMethod().equals("HEAD");
    response.write(true, head ? ByteBuffer.allocate(0) : body, callback);
  }

  /// A read: with an entity tag, or 304 when the caller has it already.
  void answerTagged(Object json) {
    answerTagged(JSON, bytes(json));
  }

  void answerTagged(String contentType, byte[] body) {
    var etag = Etag.of(body);
    tag(etag);
    if (Etag.matches(header("If-None-Match"), etag)) {
      notModified();
    } else {
      answer(HttpStatus.OK_200, contentType, body);
    }
  }

  /// A download that may be continued.
  void answerRange(String contentType, byte[] body, String etag) {
    tag(etag);
    with("Accept-Ranges", "bytes");
    if (Etag.matches(header("If-None-Match"), etag)) {
      notModified();
      return;
    }
    var asked = header("Range");
    var condition = header("If-Range");
    Optional<ByteRange> range =
        asked == null || (condition != null && !condition.equals(etag))
            ? Optional.empty()
            : parse(asked, body.length);
    if (range.isEmpty()) {
      answer(HttpStatus.OK_200, contentType, body);
      return;
    }
    var part = range.get();
    with(
        HttpHeader.CONTENT_RANGE,
        "bytes %d-%d/%d".formatted(part.first(), part.last(), body.length));
    answer(
        HttpStatus.PARTIAL_CONTENT_206,
        contentType,
        ByteBuffer.wrap(body, (int) part.first(), (int) part.length()));
  }

  private Optional<ByteRange> parse(String asked, int length) {
    try {
      return ByteRange.parse(asked, length);
    } catch (Problem problem) {
      with(HttpHeader.CONTENT_RANGE, "bytes */" + length);
      throw problem;
    }
  }

  void noContent() {
    response.setStatus(HttpStatus.NO_CONTENT_204);
    response.write(true, ByteBuffer.allocate(0), callback);
  }

  private void notModified() {
    response.setStatus(HttpStatus.NOT_MODIFIED_304);
    response.write(true, ByteBuffer.allocate(0), callback);
  }

  private void tag(String etag) {
    with(HttpHeader.ETAG, etag);
    with(HttpHeader.CACHE_CONTROL, "private, no-cache");
  }

  private static byte[] bytes(Object json) {
    try {
      return Json.MAPPER.writeValueAsBytes(json);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException("cannot write an answer", e);
    }
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
